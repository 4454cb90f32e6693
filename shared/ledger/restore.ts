/** Putting batches and uploads back into a ledger that has lost them, from what the bucket says. */
import type { IRedisTransaction, Queue } from 'bullmq';
import { z } from 'zod';
import type { Kind, StoredVariant } from '../manifest.ts';
import { enqueueRender, renderJob } from '../queues.ts';
import { ledgerKey } from './keys.ts';
import { addScript, answered, type Ledger, loadScript, runScript, transact } from './ledger.ts';

const restoreBatchScript = loadScript(new URL('./restore-batch.lua', import.meta.url), 6);
const restoreUploadScript = loadScript(new URL('./restore-upload.lua', import.meta.url), 10);
const orderScript = loadScript(new URL('./order-queue.lua', import.meta.url), 1);

/** Times in ms since 1970. */
export interface LostUpload {
  readonly id: string;
  readonly batch: string;
  readonly sequence: number;
  readonly name: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly kind: Kind;
  readonly original: string;
  readonly queuedAt: number;
  readonly idempotency?: string | undefined;
  readonly outcome:
    | { readonly state: 'queued' }
    | {
        readonly state: 'ready';
        readonly settledAt: number;
        readonly variants: readonly StoredVariant[];
        readonly warning?: string | undefined;
        readonly placeholder?: string | undefined;
      }
    | {
        readonly state: 'failed';
        readonly settledAt: number;
        readonly reason: string;
        readonly toolOutput?: string | undefined;
        readonly attempts: number;
        readonly round: number;
      };
}

export interface LostBatch {
  readonly id: string;
  readonly title: string;
  readonly instructor: string;
  readonly createdAt: number;
  readonly idempotency?: string | undefined;
  readonly sealedAt?: number | undefined;
  /** When its mail was sent, or given up. */
  readonly notified?: { readonly at: number; readonly refused: boolean } | undefined;
}

/**
 * Puts uploads back, and those that are not settled into the queue, in the order given. What is there already is left
 * alone. @returns how many were put back.
 */
export async function restoreUploads(
  ledger: Ledger,
  transcode: Queue,
  uploads: readonly LostUpload[],
  keepOriginalsMs: number,
): Promise<number> {
  const answers = await transact(ledger, async (transaction) => {
    for (const upload of uploads) {
      addRestore(transaction, upload, keepOriginalsMs);
      // A job of an upload that has settled since is let go by the transcoder's first step.
      if (upload.outcome.state === 'queued') await renderJob(transcode, turnOf(upload)).addJob(transaction, {});
    }
  });
  let restored = 0;
  let next = 0;
  for (const upload of uploads) {
    if (answered(answers[next++]) === 1) restored++;
    // A Redis that has forgotten BullMQ's scripts refuses the job; by itself it is added with its script.
    if (upload.outcome.state === 'queued' && answers[next++]?.[0]) await enqueueRender(transcode, turnOf(upload));
  }
  return restored;
}

const turnOf = ({ batch, id }: LostUpload) => ({ batch, id, round: 0 });

function addRestore(transaction: IRedisTransaction, upload: LostUpload, keepOriginalsMs: number): void {
  const { id, batch, sequence, outcome, idempotency } = upload;
  const keys = [
    ledgerKey.upload(id),
    ledgerKey.uploads(batch),
    ledgerKey.pending(batch),
    ledgerKey.queued,
    ledgerKey.unsettled,
    ledgerKey.sequence,
    ledgerKey.expiring,
    ledgerKey.deadLetter(id),
    ledgerKey.deadLetters,
    ledgerKey.idempotency(idempotency ?? ''),
  ];
  const expires = outcome.state === 'queued' ? 0 : outcome.settledAt + keepOriginalsMs;
  const toolOutput = outcome.state === 'failed' ? (outcome.toolOutput ?? '') : '';
  addScript(transaction, restoreUploadScript, keys, [
    ...[id, sequence, outcome.state, expires, idempotency === undefined ? 0 : 1, toolOutput],
    ...['batch', batch, 'name', upload.name, 'bytes', upload.bytes, 'contentType', upload.contentType],
    ...['kind', upload.kind, 'original', upload.original, 'queuedAt', upload.queuedAt],
    ...(idempotency === undefined ? [] : ['idempotency', idempotency]),
    ...outcomeFields(outcome),
  ]);
}

function outcomeFields(outcome: LostUpload['outcome']): (string | number)[] {
  switch (outcome.state) {
    case 'queued':
      return ['attempts', 0, 'progress', 0];
    case 'ready':
      return [
        ...['attempts', 1, 'progress', 100, 'settledAt', outcome.settledAt],
        ...['variants', JSON.stringify(outcome.variants)],
        ...(outcome.warning === undefined ? [] : ['warning', outcome.warning]),
        ...(outcome.placeholder === undefined ? [] : ['placeholder', outcome.placeholder]),
      ];
    case 'failed':
      return [
        ...['attempts', outcome.attempts, 'progress', 0, 'settledAt', outcome.settledAt],
        ...['reason', outcome.reason, 'round', outcome.round],
      ];
  }
}

/** Puts a batch back, after its uploads. @returns its state; a finished one whose mail was not sent is due. */
export async function restoreBatch(ledger: Ledger, batch: LostBatch, now: number): Promise<string> {
  const { id, notified, idempotency, sealedAt } = batch;
  const keys = [
    ledgerKey.batch(id),
    ledgerKey.pending(id),
    ledgerKey.open,
    ledgerKey.finished,
    ledgerKey.due,
    ledgerKey.idempotency(idempotency ?? ''),
  ];
  const args = [
    ...[id, sealedAt === undefined ? 0 : 1, notified ? 1 : 0, now, idempotency === undefined ? 0 : 1],
    ...['title', batch.title, 'instructor', batch.instructor, 'createdAt', batch.createdAt],
    ...(idempotency === undefined ? [] : ['idempotency', idempotency]),
    ...(sealedAt === undefined ? [] : ['sealedAt', sealedAt]),
    ...(notified ? [notified.refused ? 'refusedAt' : 'notifiedAt', notified.at] : []),
  ];
  return z.string().parse(await runScript(ledger, restoreBatchScript, keys, args));
}

/** Puts waiting jobs into upload order after some were put back. @returns how many were not at their place. */
export async function orderQueue(ledger: Ledger, transcode: Queue): Promise<number> {
  const args = [transcode.toKey(''), ledgerKey.upload('')];
  return z.int().parse(await runScript(ledger, orderScript, [transcode.toKey('wait')], args));
}
