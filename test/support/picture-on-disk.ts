/** A process that renders a picture, to run where the disk is small, and tells how that ended: `source contentType directory`. */
import { readFile } from 'node:fs/promises';
import { ToolFailed } from '../../shared/run-tool.ts';
import { renderPicture } from './render-picture.ts';
import { settings } from './render-settings.ts';

const [source = '', contentType = '', directory = ''] = process.argv.slice(2);

const given = { settings: { ...settings, animationMp4: true } };
const outcome: unknown = await renderPicture(await readFile(source), contentType, directory, given).catch(
  (error: unknown) => error,
);
if (outcome instanceof ToolFailed) console.log('machine', outcome.end.trouble);
else if (outcome instanceof Error && 'code' in outcome) console.log('system', outcome.code);
else if (outcome instanceof Error) throw outcome;
else console.log('rendered');
