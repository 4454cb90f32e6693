/**
 * Looks around in the background, so that a request is refused at once when what it needs is away or full, instead of
 * hanging or sending its body in vain.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { StorageError } from '../../shared/errors.ts';
import { inTime } from '../../shared/in-time.ts';
import type { Measures } from '../../shared/measures.ts';
import { readMeasures } from '../../shared/measures.ts';
import type { Door } from './door.ts';
import type { Surroundings } from './obstacle.ts';

const LOOK_EVERY_MS = 1_000;
const REDIS_ANSWERS_WITHIN_MS = 800;
const STORAGE_ANSWERS_WITHIN_MS = 3_000;
/** A store that had no room for a body is tried again after so long. */
const FULL_FOR_MS = 30_000;

export interface Lookout extends Disposable {
  surroundings(): Surroundings;
  /** Tells it what a request found out. */
  noteFailure(error: unknown): void;
}

/** @param door looked around from; before the first look everything counts as well. */
export function startLookout(door: Pick<Door, 'ledger' | 'storage' | 'transcode'>): Lookout {
  const stop = new AbortController();
  let measures: Measures | undefined;
  let redisAway = false;
  let storageAway = false;
  let storageFreeBytes: number | undefined;
  let fullUntil = Number.NEGATIVE_INFINITY;

  const lookAtRedis = async () => {
    const late = () => new Error('Redis does not answer');
    try {
      measures = await inTime(readMeasures(door.ledger, door.transcode), REDIS_ANSWERS_WITHIN_MS, late);
      redisAway = false;
    } catch {
      redisAway = true;
    }
  };
  const lookAtStorage = async () => {
    const late = () => new Error('the storage does not answer');
    try {
      await inTime(door.storage.check(), STORAGE_ANSWERS_WITHIN_MS, late);
      storageFreeBytes = await door.storage.freeBytes();
      storageAway = false;
    } catch {
      storageAway = true;
    }
  };
  for (const look of [lookAtRedis, lookAtStorage]) void again(look, stop.signal);

  return {
    surroundings: () => ({
      away: redisAway || door.ledger.redis.status !== 'ready' ? 'queue' : storageAway ? 'storage' : undefined,
      measures,
      storageFreeBytes,
      storageFull: performance.now() < fullUntil,
    }),
    noteFailure(error) {
      if (error instanceof StorageError && error.trouble === 'no-space') fullUntil = performance.now() + FULL_FOR_MS;
    },
    [Symbol.dispose]: () => stop.abort(),
  };
}

async function again(look: () => Promise<void>, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await look();
    await pause(LOOK_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
}
