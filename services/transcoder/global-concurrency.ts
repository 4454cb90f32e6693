/** How many renders BullMQ hands out at once in the fleet: it is state in Redis, which whoever empties a queue takes along. */
import type { Booth } from './booth.ts';

const ASSERT_EVERY_MS = 60_000;

/** Asserts it now, and again and again until disposed. */
export async function keepGlobalConcurrency(
  { config, transcode, deadLetter, log }: Booth,
  everyMs = ASSERT_EVERY_MS,
): Promise<Disposable> {
  const assert = async () => {
    for (const queue of [transcode, deadLetter]) await queue.setGlobalConcurrency(config.transcodeConcurrency);
  };
  await assert();
  const asserting = setInterval(
    () => assert().catch((error) => log.warn({ err: error }, 'the global concurrency was not asserted')),
    everyMs,
  );
  return { [Symbol.dispose]: () => clearInterval(asserting) };
}
