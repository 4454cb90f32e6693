/** A process that makes a movie of a GIF, to run where the disk is small, and tells how that ended: `source directory`. */
import { readFile } from 'node:fs/promises';
import { ToolFailed } from '../../shared/run-tool.ts';
import { renderPicture } from './render-picture.ts';
import { settings } from './render-settings.ts';

const [source = '', directory = ''] = process.argv.slice(2);

const given = { settings: { ...settings, animationMp4: true } };
const outcome: unknown = await renderPicture(await readFile(source), 'image/gif', directory, given).catch(
  (error: unknown) => error,
);
if (outcome instanceof ToolFailed) console.log('machine', outcome.end.trouble);
else if (outcome instanceof Error) throw outcome;
else console.log('rendered');
