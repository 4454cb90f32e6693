/**
 * Looks around in the background, so that a request is refused at once when what it needs is away or full, instead of
 * hanging or sending its body in vain.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { StorageError } from '../../shared/errors.ts';
import { inTime } from '../../shared/in-time.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { type Load, measureStorage, readLoad, type StoreMeasures } from '../../shared/measures.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import type { Surroundings } from './obstacle.ts';

const LOOK_AT_REDIS_EVERY_MS = 500;
const REDIS_ANSWERS_WITHIN_MS = 800;
const LOOK_AT_STORAGE_EVERY_MS = 1_000;
/** A store that had no room for a body is tried again after so long. */
const FULL_FOR_MS = 30_000;

export interface Lookout extends Disposable {
  surroundings(): Surroundings;
  /** Each looks now: for who knows that something has changed there. */
  lookAtRedis(): Promise<void>;
  lookAtStorage(): Promise<void>;
  /** Tells it what a request found out. */
  noteFailure(error: unknown): void;
}

/** Before the first look everything but a connection that is not there counts as well. */
export function startLookout({ ledger, storage }: { readonly ledger: Ledger; readonly storage: Storage }): Lookout {
  const stop = new AbortController();
  let load: Load | undefined;
  let redisAnswers = true;
  let store: StoreMeasures = { answers: true, freeBytes: undefined, full: false };
  let fullUntil = Number.NEGATIVE_INFINITY;

  const lookAtRedis = async () => {
    try {
      load = await inTime(readLoad(ledger), REDIS_ANSWERS_WITHIN_MS, () => new Error('Redis does not answer'));
      redisAnswers = true;
    } catch {
      redisAnswers = false;
    }
  };
  const lookAtStorage = async () => {
    store = await measureStorage(storage);
  };
  void again(lookAtRedis, LOOK_AT_REDIS_EVERY_MS, stop.signal);
  void again(lookAtStorage, LOOK_AT_STORAGE_EVERY_MS, stop.signal);

  return {
    surroundings: () => ({
      queueAnswers: redisAnswers && ledger.redis.status === 'ready',
      load,
      storage: { ...store, full: performance.now() < fullUntil },
    }),
    lookAtRedis,
    lookAtStorage,
    noteFailure(error) {
      if (error instanceof StorageError && error.trouble === 'no-space') fullUntil = performance.now() + FULL_FOR_MS;
    },
    [Symbol.dispose]: () => stop.abort(),
  };
}

async function again(look: () => Promise<void>, everyMs: number, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await look();
    await pause(everyMs, undefined, { signal: stop }).catch(() => {});
  }
}
