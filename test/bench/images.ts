/** `npm run bench:images [-- --photos 200]`: how fast photographs go through the image booth, compared with sharp in a bare loop. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CannotGoOn } from '../../infra/local/cannot-go-on.ts';
import { runCommand } from '../../infra/local/command.ts';
import { makePhotos } from './images/photos.ts';
import { report } from './images/report.ts';
import { runRounds } from './images/rounds.ts';
import { machine } from './machine.ts';

/** What shells say of a process that Ctrl-C has ended. */
const EXIT_INTERRUPTED = 130;

await runCommand(async (stop) => {
  const photos = await makePhotos(join(tmpdir(), 'projectionist-photos'), readPhotos(process.argv.slice(2)));
  const measured = await runRounds(photos, stop, (line) => console.error(line));
  console.log(report(machine(), measured));
  return 0;
}, EXIT_INTERRUPTED);

function readPhotos(args: readonly string[]): number {
  const { photos } = parseArgs({ args: [...args], options: { photos: { type: 'string', default: '200' } } }).values;
  if (/^[1-9]\d{0,3}$/.test(photos)) return Number(photos);
  throw new CannotGoOn('usage: npm run bench:images [-- --photos 200]');
}
