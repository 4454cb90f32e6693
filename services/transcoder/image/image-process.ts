/**
 * The image process: renders one picture and ends. Its arguments are source, content type, directory, and `lenient` or `strict`.
 * It exists because nothing but a kill stops libvips, which may be at one output for half a minute and keeps a process
 * from exiting until it is done; and because a picture that crashes a decoder must not take the transcoder with it.
 */
import { makeVariants } from './make-variants.ts';
import { type Report, reportOf } from './report.ts';
import { rescueVariants } from './rescue.ts';

const [, , source = '', contentType = '', directory = '', how] = process.argv;
const tell = (report: Report) => process.stdout.write(`${JSON.stringify(report)}\n`);

try {
  const make = how === 'lenient' ? rescueVariants : makeVariants;
  const original = { source, contentType, lenient: false };
  const made = await make(original, directory, (percent) => tell({ what: 'progress', percent }));
  tell({ what: 'made', ...made });
} catch (error) {
  tell(reportOf(error));
}
