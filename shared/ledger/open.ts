/** Opening a batch. */
import type { IRedisTransaction } from 'bullmq';
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { addScript, type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./open.lua', import.meta.url), 2);

export interface NewBatch {
  readonly id: string;
  readonly title: string;
  readonly instructor: string;
  /** Names the request; the same one opens no second batch. */
  readonly idempotency?: string | undefined;
}

/** @returns the id of the batch the request stands for: another than the given one when the request is a repeat. */
export async function openBatch(ledger: Ledger, batch: NewBatch): Promise<string> {
  return z.string().parse(await runScript(ledger, script, keys(batch), args(batch)));
}

export function addOpenBatch(transaction: IRedisTransaction, batch: NewBatch): void {
  addScript(transaction, script, keys(batch), args(batch));
}

const keys = (batch: NewBatch) => [ledgerKey.batch(batch.id), ledgerKey.idempotency(batch.idempotency ?? '')];

const args = (batch: NewBatch) => [
  batch.id,
  batch.idempotency === undefined ? 0 : 1,
  'title',
  batch.title,
  'instructor',
  batch.instructor,
];
