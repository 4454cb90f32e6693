/** The frame of a command that people run: it ends in order when asked to, and says what is wrong in one line. */
import { Misconfigured } from '../../shared/errors.ts';
import { EXIT_MISCONFIGURED } from '../../shared/service.ts';
import { CannotGoOn } from './cannot-go-on.ts';
import { WrongUsage } from './command-line.ts';

/** What infra/run.mjs says of a command that it does not know. */
const EXIT_WRONG_USAGE = 2;

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the command, then ends this process.
 * @param command its `stop` is aborted by the first wish to stop; it returns the exit code, or throws `stop.reason`.
 * @param exitWhenStopped exit code for the latter.
 */
export async function runCommand(
  command: (stop: AbortSignal) => Promise<number>,
  exitWhenStopped: number,
): Promise<never> {
  // A reader that leaves early (`npm start | head -1`) is no reason to fall over.
  process.stdout.on('error', () => {});
  const stop = stopSignal();
  try {
    process.exit(await command(stop));
  } catch (error) {
    if (stop.aborted && error === stop.reason) process.exit(exitWhenStopped);
    const expected = error instanceof Misconfigured || error instanceof CannotGoOn || error instanceof WrongUsage;
    console.error(expected ? error.message : error);
    if (error instanceof WrongUsage) process.exit(EXIT_WRONG_USAGE);
    process.exit(error instanceof Misconfigured ? EXIT_MISCONFIGURED : 1);
  }
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  // Again and again: a terminal and npm each send the same Ctrl-C, and a second one must not cut the first stop short.
  const ask = () => stop.abort(new Error('asked to stop'));
  for (const name of STOP_SIGNALS) process.on(name, ask);
  // infra/run.mjs holds the other end: it closes when the launcher was killed with -9.
  process.on('disconnect', ask);
  return stop.signal;
}
