/** `npm run demo [-- [--minio] files…]`: the embedded stack, one batch from upload to mail, what came of it; then all is stopped. */
import { basename, join } from 'node:path';
import { makeDemoFiles } from '../../fixtures/make.ts';
import { isSet } from '../../shared/config.ts';
import { orAborted } from './all-come-up.ts';
import { runCommand } from './command.ts';
import { readCommandLine } from './command-line.ts';
import { openApi } from './demo/api.ts';
import { openBoard } from './demo/board.ts';
import { givenFiles } from './demo/given-files.ts';
import { gather } from './demo/outcome.ts';
import { report } from './demo/report.ts';
import { sendBatch } from './demo/send-batch.ts';
import { startStack } from './stack.ts';

/** What shells say of a process that Ctrl-C has ended. */
const EXIT_INTERRUPTED = 130;
const ABOUT = { instructor: 'ada@school.example', title: 'Projectionist demo' };

await runCommand(async (stop) => {
  const { env, stdout } = process;
  // npm changes to the repository; the names were typed elsewhere.
  const { minio, files: named } = readCommandLine(process.argv.slice(2), 'npm run demo [-- [--minio] files…]', {
    files: true,
  });
  const given = await givenFiles(named, env['INIT_CWD'] ?? process.cwd());
  using board = openBoard(stdout, isSet(env, 'CI'));

  board.say('Starting the stack');
  const dataDir = isSet(env, 'DATA_DIR') ? env['DATA_DIR'] : 'data-demo';
  await using stack = await startStack({ env: { ...env, DATA_DIR: dataDir }, minio, say: board.say, signal: stop });
  const signal = AbortSignal.any([stop, stack.broken]);
  board.say(`ready ${stack.url}${stack.mail ? `, mails at ${stack.mail.url}` : ''}`);

  const fixtures = join(stack.config.dataDir, 'fixtures');
  if (given.length === 0) board.say(`Making two videos and two images in ${fixtures}`);
  const files = given.length > 0 ? given : await orAborted(makeDemoFiles(fixtures), signal);
  board.begin(files.map((file) => basename(file)));
  const sent = await sendBatch(openApi(stack.url, signal), ABOUT, files, board, signal);
  board.end();

  const outcome = await gather(sent, stack);
  console.log(report(outcome, `PORT=${stack.config.port} DATA_DIR=${dataDir} npm start${minio ? ' -- --minio' : ''}`));
  return outcome.lost.length === 0 ? 0 : 1;
}, EXIT_INTERRUPTED);
