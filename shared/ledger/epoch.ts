/** The epoch says that this ledger is whole: it is the first thing that a Redis which lost everything has lost. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** undefined while the ledger is not whole. */
export async function currentEpoch(ledger: Ledger): Promise<string | undefined> {
  return (await ledger.redis.get(ledgerKey.epoch)) ?? undefined;
}

/** Declares the ledger whole: it is new, or has been recovered. */
export async function beginEpoch(ledger: Ledger, name: string): Promise<void> {
  await ledger.redis.set(ledgerKey.epoch, name, 'NX');
}
