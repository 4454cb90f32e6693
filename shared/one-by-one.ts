/** Of many things that are repaired, one that fails must not keep the others from it. */

import { StorageError } from './errors.ts';
import type { Logger } from './logger.ts';
import { redisTrouble } from './redis-trouble.ts';

/**
 * Does the work for one of them; a failure that is about this one alone is logged.
 * @param about its ids. @returns undefined when it failed. @throws when a store is away: the others would fail too.
 */
export async function oneByOne<T>(log: Logger, about: object, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const isAway =
      (error instanceof StorageError && error.trouble !== 'not-found') ||
      (error instanceof Error && redisTrouble(error) !== undefined);
    if (isAway) throw error;
    log.error({ ...about, err: error }, 'could not be repaired; the others are');
    return undefined;
  }
}
