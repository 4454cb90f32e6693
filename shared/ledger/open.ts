/** Opening a batch. */
import type { IRedisTransaction } from 'bullmq';
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { addScript, type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./open.lua', import.meta.url), 5);

export interface NewBatch {
  readonly id: string;
  readonly title: string;
  readonly instructor: string;
  /** Names the request; the same one opens no second batch. */
  readonly idempotency?: string | undefined;
}

/**
 * @returns the id of the batch the request stands for: another than the given one when the request is a repeat;
 *   undefined while the ledger is being recovered.
 */
export async function openBatch(ledger: Ledger, batch: NewBatch): Promise<string | undefined> {
  return openedBatch(await runScript(ledger, script, keys(batch), args(batch)));
}

/** What the script's answer in a transaction means; see `openBatch`. */
export function openedBatch(answer: unknown): string | undefined {
  return z.string().parse(answer) || undefined;
}

export function addOpenBatch(transaction: IRedisTransaction, batch: NewBatch): void {
  addScript(transaction, script, keys(batch), args(batch));
}

const keys = (batch: NewBatch) => [
  ledgerKey.batch(batch.id),
  ledgerKey.idempotency(batch.idempotency ?? ''),
  ledgerKey.epoch,
  ledgerKey.open,
  ledgerKey.unrecorded,
];

const args = (batch: NewBatch) => [
  batch.id,
  batch.idempotency === undefined ? 0 : 1,
  'title',
  batch.title,
  'instructor',
  batch.instructor,
  ...(batch.idempotency === undefined ? [] : ['idempotency', batch.idempotency]),
];
