/** How often something had to be repaired. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** @param repair its name, `lost-jobs`. */
export async function countRepairs(ledger: Ledger, repair: string, times: number): Promise<void> {
  if (times > 0) await ledger.redis.hincrby(ledgerKey.counters, `repairs:${repair}`, times);
}
