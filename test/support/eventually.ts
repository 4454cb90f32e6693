/** Waits for what has no event: runs a check again and again until it does not throw. */
import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 50;

/**
 * @param options.within milliseconds after which the check's last error is thrown as it is.
 * @returns what the check returned when it first passed.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: { readonly within: number }): Promise<T> {
  const deadline = Date.now() + options.within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await pause(EVERY_MS);
  }
}
