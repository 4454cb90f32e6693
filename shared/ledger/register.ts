/**
 * Registering stored uploads: ledger and queue change in one transaction, from which sequence and order come.
 *
 * A script that refuses does not stop the enqueue in the same MULTI. So the job of a refused upload is removed
 * afterwards, and should we die before that, the transcoder's first step finds the upload unknown and lets the job go.
 */
import type { IRedisTransaction, Queue } from 'bullmq';
import { z } from 'zod';
import type { Kind } from '../manifest.ts';
import { enqueueRender, renderJob } from '../queues.ts';
import { ledgerKey } from './keys.ts';
import { type Answer, addScript, answered, type Ledger, loadScript, transact } from './ledger.ts';
import { addOpenBatch, type NewBatch, openedBatch } from './open.ts';
import { addSealBatch } from './seal.ts';

const script = loadScript(new URL('./register.lua', import.meta.url), 12);

export interface NewUpload {
  readonly id: string;
  readonly batch: string;
  readonly name: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly kind: Kind;
  /** Storage key of the original. */
  readonly original: string;
  /** Names the request; the same one registers no second upload. */
  readonly idempotency?: string | undefined;
}

const registration = z.union([
  z.tuple([z.literal('registered'), z.int()]).transform(([outcome, sequence]) => ({ outcome, sequence })),
  z.tuple([z.literal('repeat'), z.string()]).transform(([outcome, upload]) => ({ outcome, upload })),
  z.tuple([z.enum(['unknown', 'sealed', 'full', 'recovering'])]).transform(([outcome]) => ({ outcome })),
]);
export type Registration = z.infer<typeof registration>;

export interface Limits {
  /** Most uploads a batch may hold. */
  readonly maxBatchFiles: number;
}

/** Registers and enqueues one upload of an open batch. */
export async function registerUpload(
  ledger: Ledger,
  queue: Queue,
  upload: NewUpload,
  limits: Limits,
): Promise<Registration> {
  const answers = await transact(ledger, (transaction) => addUpload(queue, transaction, upload, limits));
  return outcomeOf(queue, upload, answers);
}

export type BatchRegistration =
  | { readonly outcome: 'registered'; readonly sequences: readonly number[] }
  | { readonly outcome: 'repeat'; readonly batch: string }
  | { readonly outcome: 'recovering' };

/** Opens a batch, registers and enqueues all its uploads and seals it: all or nothing. */
export async function registerBatch(
  ledger: Ledger,
  queue: Queue,
  batch: NewBatch,
  uploads: readonly NewUpload[],
): Promise<BatchRegistration> {
  const limits = { maxBatchFiles: uploads.length };
  const [opened, ...answers] = await transact(ledger, async (transaction) => {
    addOpenBatch(transaction, batch);
    for (const upload of uploads) await addUpload(queue, transaction, upload, limits);
    addSealBatch(transaction, batch.id);
  });
  const standsFor = openedBatch(answered(opened));
  const sequences: number[] = [];
  for (const [index, upload] of uploads.entries()) {
    const registered = await outcomeOf(queue, upload, answers.slice(2 * index));
    if (registered.outcome === 'registered') sequences.push(registered.sequence);
    else if (standsFor === batch.id) throw new Error(`upload ${upload.id} was not registered: ${registered.outcome}`);
  }
  if (standsFor === undefined) return { outcome: 'recovering' };
  return standsFor === batch.id ? { outcome: 'registered', sequences } : { outcome: 'repeat', batch: standsFor };
}

/** Adds two commands, the registration and the job. */
async function addUpload(
  queue: Queue,
  transaction: IRedisTransaction,
  upload: NewUpload,
  limits: Limits,
): Promise<void> {
  const keys = [
    ledgerKey.batch(upload.batch),
    ledgerKey.uploads(upload.batch),
    ledgerKey.pending(upload.batch),
    ledgerKey.queued,
    ledgerKey.sequence,
    ledgerKey.upload(upload.id),
    ledgerKey.idempotency(upload.idempotency ?? ''),
    ledgerKey.epoch,
    ledgerKey.open,
    ledgerKey.unrecorded,
    ledgerKey.counters,
    ledgerKey.unsettled,
  ];
  addScript(transaction, script, keys, [
    upload.id,
    upload.batch,
    limits.maxBatchFiles,
    upload.idempotency === undefined ? 0 : 1,
    upload.bytes,
    ...['name', upload.name, 'contentType', upload.contentType, 'kind', upload.kind, 'original', upload.original],
    ...(upload.idempotency === undefined ? [] : ['idempotency', upload.idempotency]),
  ]);
  await renderJob(queue, { batch: upload.batch, id: upload.id, round: 0 }).addJob(transaction, {});
}

/**
 * Reads the two answers to `addUpload`. Each is looked at by itself, because Redis applies the rest of a MULTI when one
 * command of it fails.
 */
async function outcomeOf(queue: Queue, upload: NewUpload, [registered, job]: readonly Answer[]): Promise<Registration> {
  const outcome = registration.parse(answered(registered));
  if (outcome.outcome !== 'registered') await queue.remove(upload.id);
  else if (job?.[0]) await enqueueRender(queue, { batch: upload.batch, id: upload.id, round: 0 });
  return outcome;
}
