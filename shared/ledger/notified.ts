/** A batch's mail: which are due, and noting that one no longer is. */
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./notified.lua', import.meta.url), 4);

/** Ids of the finished batches whose mail has not been dealt with, the oldest first. */
export async function dueBatches(ledger: Ledger): Promise<string[]> {
  return ledger.redis.zrange(ledgerKey.due, 0, -1);
}

/** @param result `refused`: the receiving server will never take it. @returns when it was noted first, ms since 1970. */
export async function noteNotified(ledger: Ledger, batch: string, result: 'sent' | 'refused'): Promise<number> {
  const field = result === 'sent' ? 'notifiedAt' : 'refusedAt';
  const keys = [ledgerKey.batch(batch), ledgerKey.due, ledgerKey.unrecorded, ledgerKey.counters];
  return z.int().parse(await runScript(ledger, script, keys, [batch, field]));
}
