/** The epoch says that this ledger is whole: it is the first thing that a Redis which lost everything has lost. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

export async function isWhole(ledger: Ledger): Promise<boolean> {
  return (await ledger.redis.exists(ledgerKey.epoch)) === 1;
}

/** Declares the ledger whole: it is new, or has been recovered. */
export async function beginEpoch(ledger: Ledger, name: string): Promise<void> {
  await ledger.redis.set(ledgerKey.epoch, name, 'NX');
}
