/** Originals of settled uploads: whose time is over, and noting that one is gone. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { redisTime } from './time.ts';

/** @returns ids of uploads whose original has expired and is still there, the longest expired first. */
export async function expiredOriginals(ledger: Ledger, atMost: number): Promise<string[]> {
  const now = await redisTime(ledger);
  return ledger.redis.zrange(ledgerKey.expiring, 0, now, 'BYSCORE', 'LIMIT', 0, atMost);
}

export async function noteOriginalGone(ledger: Ledger, upload: string): Promise<void> {
  await ledger.redis.zrem(ledgerKey.expiring, upload);
}
