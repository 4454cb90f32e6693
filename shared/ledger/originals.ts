/** Originals of settled uploads: whose time is over, and noting that one is gone. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** @returns ids of uploads whose original has expired and is still there, the longest expired first. */
export async function expiredOriginals(ledger: Ledger, atMost: number): Promise<string[]> {
  const [seconds = 0, microseconds = 0] = await ledger.redis.time();
  const now = seconds * 1000 + Math.floor(microseconds / 1000);
  return ledger.redis.zrange(ledgerKey.expiring, 0, now, 'BYSCORE', 'LIMIT', 0, atMost);
}

export async function noteOriginalGone(ledger: Ledger, upload: string): Promise<void> {
  await ledger.redis.zrem(ledgerKey.expiring, upload);
}
