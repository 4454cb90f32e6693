/** Sealing a batch: it takes no more uploads. */
import type { IRedisTransaction } from 'bullmq';
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { addScript, type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./seal.lua', import.meta.url), 7);
const sealing = z.enum(['sealed', 'finished', 'empty', 'unknown']);
export type Sealing = z.infer<typeof sealing>;

/** `finished` means that everything had settled already: the mail is due now. Repeating it changes nothing. */
export async function sealBatch(ledger: Ledger, batch: string): Promise<Sealing> {
  return sealing.parse(await runScript(ledger, script, keys(batch), [batch]));
}

export function addSealBatch(transaction: IRedisTransaction, batch: string): void {
  addScript(transaction, script, keys(batch), [batch]);
}

const keys = (batch: string) => [
  ledgerKey.batch(batch),
  ledgerKey.uploads(batch),
  ledgerKey.pending(batch),
  ledgerKey.due,
  ledgerKey.open,
  ledgerKey.finished,
  ledgerKey.unrecorded,
];
