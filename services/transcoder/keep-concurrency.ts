/**
 * How many jobs the queues hand out at once lies in Redis, where it can get lost, and the upload order rests on it: while a
 * dead transcoder's job counts, nobody is given the next one.
 */
import type { Booth } from './booth.ts';

const SET_EVERY_MS = 60_000;

export interface KeptConcurrency extends Disposable {
  /** Sets it now. */
  set(): Promise<void>;
}

export function keepConcurrency(
  { transcode, deadLetter, config, log }: Pick<Booth, 'transcode' | 'deadLetter' | 'config' | 'log'>,
  everyMs = SET_EVERY_MS,
): KeptConcurrency {
  const set = async () => {
    for (const queue of [transcode, deadLetter]) await queue.setGlobalConcurrency(config.transcodeConcurrency);
  };
  const setting = setInterval(
    () => set().catch((error) => log.warn({ err: error }, 'concurrency was not set')),
    everyMs,
  );
  return { set, [Symbol.dispose]: () => clearInterval(setting) };
}
