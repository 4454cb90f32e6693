/** A process that rescues one clip, to run where the disk is small, and tells how that ended: `source contentType directory`. */
import { FileFault } from '../../shared/errors.ts';
import { ToolFailed } from '../../shared/run-tool.ts';
import { renderClip } from './video.ts';

const [source = '', contentType = '', directory = ''] = process.argv.slice(2);

const outcome: unknown = await renderClip(source, contentType, directory, { lenient: true }).catch((error) => error);
if (outcome instanceof FileFault) console.log('fault', outcome.message);
else if (outcome instanceof ToolFailed) console.log('machine', outcome.end.trouble);
else if (outcome instanceof Error) throw outcome;
else console.log('rendered');
