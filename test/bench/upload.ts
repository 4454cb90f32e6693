/** `npm run bench:upload [-- --bytes 500MiB --rounds 5]`: how fast a file gets into S3 through the upload service, compared with S3 alone. */
import { join } from 'node:path';
import { runCommand } from '../../infra/local/command.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { machine } from './machine.ts';
import { startBench } from './upload/bench.ts';
import { makeInput } from './upload/input.ts';
import { readOptions } from './upload/options.ts';
import { peakMemory } from './upload/process-usage.ts';
import { report } from './upload/report.ts';
import { runRounds } from './upload/rounds.ts';

/** What shells say of a process that Ctrl-C has ended. */
const EXIT_INTERRUPTED = 130;

await runCommand(async (stop) => {
  const { bytes, rounds } = readOptions(process.argv.slice(2));
  await using directory = await temporaryDirectory();
  await using bench = await startBench(directory.path);
  const input = await makeInput(join(directory.path, 'input.mp4'), bytes);
  const measurements = await runRounds(bench, input, rounds, stop, (line) => console.error(line));
  const peak = await peakMemory(bench.service.pid);
  console.log(report({ machine: machine(), bytes, measurements, peakMemory: peak }));
  return 0;
}, EXIT_INTERRUPTED);
