/**
 * The image process: renders one picture and ends. Its argument is its task, in JSON.
 * It exists because nothing but a kill stops libvips, which may be at one output for half a minute and keeps a process
 * from exiting until it is done; and because a picture that crashes a decoder must not take the transcoder with it.
 * What it imports is all it takes to start it, for each picture anew: neither zod nor execa (0.05 s of CPU each).
 */
import { type ImageTask, makeVariants } from './make-variants.ts';
import { type Report, reportOf } from './report.ts';
import { rescueVariants } from './rescue.ts';

const [, , argument = ''] = process.argv;
const task: ImageTask = JSON.parse(argument);
const tell = (report: Report) => process.stdout.write(`${JSON.stringify(report)}\n`);

try {
  const make = task.original.lenient ? rescueVariants : makeVariants;
  const made = await make(task, (percent) => tell({ what: 'progress', percent }));
  tell({ what: 'made', ...made });
} catch (error) {
  tell(reportOf(error));
}
