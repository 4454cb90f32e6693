/** A limit for what has none of its own. */
import { once } from 'node:events';
import { setImmediate as pollOnce } from 'node:timers/promises';

/** The answer, or `late()` thrown when it has not come after so long; whatever it waits for goes on. */
export async function inTime<T>(answer: Promise<T>, ms: number, late: () => Error): Promise<T> {
  const silence = once(AbortSignal.timeout(ms), 'abort').then(async () => {
    // Where this process itself was held up, timers run before what has arrived meanwhile is read.
    await pollOnce();
    throw late();
  });
  return Promise.race([answer, silence]);
}
