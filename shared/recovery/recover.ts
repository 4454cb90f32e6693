/** Rebuilding ledger and queue from the bucket. What they know already is left alone, so it may be repeated at will. */
import type { Queue } from 'bullmq';
import pMap from 'p-map';
import type { Ledger } from '../ledger/ledger.ts';
import { orderQueue, restoreBatch, restoreUploads } from '../ledger/restore.ts';
import { redisTime } from '../ledger/time.ts';
import type { Logger } from '../logger.ts';
import type { Storage } from '../storage/storage.ts';
import { findRecords, type LostHouse, readLost } from './read-lost.ts';

export interface Rebuilding {
  readonly ledger: Ledger;
  readonly storage: Storage;
  readonly transcode: Queue;
  readonly keepOriginalsDays: number;
  readonly log: Logger;
}

export interface RecoveryProgress {
  readonly step: 'records read' | 'uploads restored';
  readonly done: number;
  readonly of: number;
}

export interface Recovered {
  /** Found in the bucket. */
  readonly batches: number;
  readonly uploads: number;
  /** Put back: the ledger did not know them. */
  readonly restored: number;
}

/** Uploads that are put back in one transaction. */
const AT_ONCE = 200;
const BATCHES_AT_ONCE = 50;
const DAY_MS = 86_400_000;

/** @throws StorageError, Redis's errors; what was put back until then stays. */
export async function recover(
  rebuilding: Rebuilding,
  onProgress: (progress: RecoveryProgress) => void = () => {},
): Promise<Recovered> {
  const { storage, log } = rebuilding;
  const found = await findRecords(storage);
  const of = found.reduce((sum, one) => sum + (one.batch ? one.uploads.length : 0), 0);
  let done = 0;
  const lost = await readLost(storage, found, log, () => onProgress({ step: 'records read', done: ++done, of }));
  const restored = await restore(rebuilding, lost, onProgress);
  return { batches: lost.batches.length, uploads: lost.uploads.length, restored };
}

/** @returns how many uploads were put back. */
export async function restore(
  { ledger, transcode, keepOriginalsDays }: Omit<Rebuilding, 'log'>,
  { batches, uploads }: LostHouse,
  onProgress: (progress: RecoveryProgress) => void = () => {},
): Promise<number> {
  let restored = 0;
  for (let start = 0; start < uploads.length; start += AT_ONCE) {
    const some = uploads.slice(start, start + AT_ONCE);
    restored += await restoreUploads(ledger, transcode, some, keepOriginalsDays * DAY_MS);
    onProgress({ step: 'uploads restored', done: start + some.length, of: uploads.length });
  }
  const now = await redisTime(ledger);
  await pMap(batches, (batch) => restoreBatch(ledger, batch, now), { concurrency: BATCHES_AT_ONCE });
  if (restored > 0) await orderQueue(ledger, transcode);
  return restored;
}
