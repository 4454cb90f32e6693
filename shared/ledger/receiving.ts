/** Forms that are being received: their originals belong to no upload before the body has ended, which may take hours. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { redisTime } from './time.ts';

/** A form of which nothing was heard for so long is not received any more. */
const LAPSES_AFTER_MS = 10 * 60_000;

/** Says that the form of this batch is still being received. */
export async function noteReceiving(ledger: Ledger, batch: string): Promise<void> {
  await ledger.redis.zadd(ledgerKey.receiving, await redisTime(ledger), batch);
}

export async function noteReceived(ledger: Ledger, batch: string): Promise<void> {
  await ledger.redis.zrem(ledgerKey.receiving, batch);
}

export async function isBeingReceived(ledger: Ledger, batch: string): Promise<boolean> {
  const heardAt = await ledger.redis.zscore(ledgerKey.receiving, batch);
  return heardAt !== null && Number(heardAt) > (await redisTime(ledger)) - LAPSES_AFTER_MS;
}
