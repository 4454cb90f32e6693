/**
 * Registering stored uploads: ledger and queue change in one transaction, from which sequence and order come.
 *
 * A script that refuses does not stop the enqueue in the same MULTI. So the job of a refused upload is removed
 * afterwards, and should we die before that, the transcoder's first step finds the upload unknown and lets the job go.
 */
import { type IRedisTransaction, Job, type Queue } from 'bullmq';
import { z } from 'zod';
import type { Kind } from '../manifest.ts';
import { jobOptions, type Payload } from '../queues.ts';
import { ledgerKey } from './keys.ts';
import { addScript, type Ledger, loadScript } from './ledger.ts';
import { addOpenBatch, type NewBatch } from './open.ts';
import { addSealBatch } from './seal.ts';

const script = loadScript(new URL('./register.lua', import.meta.url), 7);

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
  z.tuple([z.enum(['unknown', 'sealed', 'full'])]).transform(([outcome]) => ({ outcome })),
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
  const transaction = ledger.scripts.multi();
  await addUpload(ledger, queue, transaction, upload, limits);
  const [registered] = await execute(transaction, queue, [upload], 0);
  if (!registered) throw new Error('the transaction answered without a registration');
  return registered;
}

export type BatchRegistration =
  | { readonly outcome: 'registered'; readonly sequences: readonly number[] }
  | { readonly outcome: 'repeat'; readonly batch: string };

/** Opens a batch, registers and enqueues all its uploads and seals it: all or nothing. */
export async function registerBatch(
  ledger: Ledger,
  queue: Queue,
  batch: NewBatch,
  uploads: readonly NewUpload[],
): Promise<BatchRegistration> {
  const transaction = ledger.scripts.multi();
  addOpenBatch(ledger, transaction, batch);
  for (const upload of uploads) {
    await addUpload(ledger, queue, transaction, upload, { maxBatchFiles: uploads.length });
  }
  addSealBatch(ledger, transaction, batch.id);
  let standsFor = batch.id;
  const registrations = await execute(transaction, queue, uploads, 1, ([opened]) => {
    standsFor = z.string().parse(opened);
  });
  if (standsFor !== batch.id) return { outcome: 'repeat', batch: standsFor };
  const sequences = registrations.map((one) => {
    if (one.outcome !== 'registered') throw new Error(`an upload of a new batch was not registered: ${one.outcome}`);
    return one.sequence;
  });
  return { outcome: 'registered', sequences };
}

async function addUpload(
  ledger: Ledger,
  queue: Queue,
  transaction: IRedisTransaction,
  upload: NewUpload,
  limits: Limits,
): Promise<void> {
  addScript(
    ledger,
    transaction,
    script,
    [
      ledgerKey.batch(upload.batch),
      ledgerKey.uploads(upload.batch),
      ledgerKey.pending(upload.batch),
      ledgerKey.queued,
      ledgerKey.sequence,
      ledgerKey.upload(upload.id),
      ledgerKey.idempotency(upload.idempotency ?? ''),
    ],
    [
      upload.id,
      limits.maxBatchFiles,
      upload.idempotency === undefined ? 0 : 1,
      ...['batch', upload.batch, 'name', upload.name, 'bytes', upload.bytes],
      ...['contentType', upload.contentType, 'kind', upload.kind, 'original', upload.original],
    ],
  );
  await transcodeJob(queue, upload).addJob(transaction, {});
}

function transcodeJob(queue: Queue, upload: NewUpload): Job {
  const payload: Payload<'transcode', 'render'> = { version: 1, batch: upload.batch, upload: upload.id };
  return new Job(queue, 'render', payload, jobOptions.transcode(upload.id), upload.id);
}

/**
 * Executes the transaction: `before` replies, then a registration and a job for each upload.
 * Every element is looked at, because Redis applies the rest of a MULTI when one command fails (BullMQ's script may be
 * unknown to Redis after SCRIPT FLUSH).
 */
async function execute(
  transaction: IRedisTransaction,
  queue: Queue,
  uploads: readonly NewUpload[],
  before: number,
  onBefore: (replies: unknown[]) => void = () => {},
): Promise<Registration[]> {
  const answers = await transaction.exec();
  if (!answers) throw new Error('Redis dropped the transaction');
  const reply = (index: number): unknown => {
    const [error, value] = answers[index] ?? [new Error('Redis answered too little'), undefined];
    if (error) throw error;
    return value;
  };
  onBefore(Array.from({ length: before }, (_, index) => reply(index)));
  const registrations: Registration[] = [];
  for (const [index, upload] of uploads.entries()) {
    const outcome = registration.parse(reply(before + 2 * index));
    const [jobError] = answers[before + 2 * index + 1] ?? [null];
    if (outcome.outcome !== 'registered') await queue.remove(upload.id);
    else if (jobError) await queue.add('render', transcodeJob(queue, upload).data, jobOptions.transcode(upload.id));
    registrations.push(outcome);
  }
  return registrations;
}
