/** A limit for what has none of its own. */
import { once } from 'node:events';

/** The answer, or `late()` thrown when it has not come after so long; whatever it waits for goes on. */
export async function inTime<T>(answer: Promise<T>, ms: number, late: () => Error): Promise<T> {
  const silence = once(AbortSignal.timeout(ms), 'abort').then(() => {
    throw late();
  });
  return Promise.race([answer, silence]);
}
