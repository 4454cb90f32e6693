/** Reading the ledger: batches and uploads as typed values. */
import { z } from 'zod';
import { kind, storedVariant } from '../manifest.ts';
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

const number = z.coerce.number();
/** ms since 1970, Redis's clock. */
const time = z.coerce.number();

const batchEntry = z.object({
  version: z.literal('1'),
  title: z.string(),
  instructor: z.string(),
  idempotency: z.string().optional(),
  state: z.enum(['open', 'sealed', 'finished']),
  createdAt: time,
  sealedAt: time.optional(),
  finishedAt: time.optional(),
  /** When an SMTP server was first asked to take the mail. */
  sendingAt: time.optional(),
  notifiedAt: time.optional(),
  /** When it was given up to send the mail. */
  refusedAt: time.optional(),
});

const uploadEntry = z.object({
  version: z.literal('1'),
  batch: z.string(),
  sequence: number,
  /** Where a replayed upload stands in the queue; others stand at their sequence. */
  place: number.optional(),
  name: z.string(),
  bytes: number,
  contentType: z.string(),
  kind,
  /** Storage key of the original. */
  original: z.string(),
  state: z.enum(['queued', 'processing', 'ready', 'failed']),
  queuedAt: time,
  /** When it was replayed last, if it was: since then it waits. */
  replayedAt: time.optional(),
  startedAt: time.optional(),
  settledAt: time.optional(),
  originalExpiresAt: time.optional(),
  attempts: number,
  /** From 0; each replay by the operator begins another. */
  round: number.default(0),
  /** The process' work on it that counts; absent while none is at it. */
  run: z.string().optional(),
  /** Why it failed, or why the last try did. */
  reason: z.string().optional(),
  /** What the render waits for: a dependency that is away. */
  waitingFor: z.string().optional(),
  idempotency: z.string().optional(),
  warning: z.string().optional(),
  placeholder: z.string().optional(),
  progress: number,
  speed: number.optional(),
  etaSeconds: number.optional(),
  variants: z
    .string()
    .default('[]')
    .transform((text) => z.array(storedVariant).parse(JSON.parse(text))),
});

export type UploadEntry = z.infer<typeof uploadEntry> & {
  readonly id: string;
  /** From 1, over the whole house; only while queued. */
  readonly queuePosition?: number;
};

export type BatchEntry = z.infer<typeof batchEntry> & {
  readonly id: string;
  /** Sorted by sequence. */
  readonly uploads: readonly UploadEntry[];
};

/** undefined when the ledger knows no such batch. */
export async function readBatch(ledger: Ledger, id: string): Promise<BatchEntry | undefined> {
  const [fields, ids] = await Promise.all([
    ledger.redis.hgetall(ledgerKey.batch(id)),
    ledger.redis.zrange(ledgerKey.uploads(id), 0, -1),
  ]);
  if (Object.keys(fields).length === 0) return undefined;
  return { ...batchEntry.parse(fields), id, uploads: await readUploads(ledger, ids) };
}

/** The title alone, for the mails about many; empty when the instructor gave none, or nobody knows the batch. */
export async function readTitle(ledger: Ledger, batch: string): Promise<string> {
  return (await ledger.redis.hget(ledgerKey.batch(batch), 'title')) ?? '';
}

/** Whether a batch takes more uploads, and how many it has; undefined when the ledger knows no such batch. */
export async function readRoom(
  ledger: Ledger,
  batch: string,
): Promise<{ readonly state: BatchEntry['state']; readonly uploads: number } | undefined> {
  const [state, uploads] = await Promise.all([
    ledger.redis.hget(ledgerKey.batch(batch), 'state'),
    ledger.redis.zcard(ledgerKey.uploads(batch)),
  ]);
  return state === null ? undefined : { state: batchEntry.shape.state.parse(state), uploads };
}

/** undefined when the ledger knows no such upload. */
export async function readUpload(ledger: Ledger, id: string): Promise<UploadEntry | undefined> {
  const [upload] = await readUploads(ledger, [id]);
  return upload;
}

/** Those of the ids that the ledger knows, in the order given. */
async function readUploads(ledger: Ledger, ids: readonly string[]): Promise<UploadEntry[]> {
  if (ids.length === 0) return [];
  const pipeline = ledger.redis.multi();
  for (const id of ids) pipeline.hgetall(ledgerKey.upload(id)).zrank(ledgerKey.queued, id);
  const answers = (await pipeline.exec()) ?? [];
  return ids.flatMap((id, index) => {
    const [error, fields] = answers[2 * index] ?? [];
    if (error) throw error;
    if (typeof fields !== 'object' || fields === null || Object.keys(fields).length === 0) return [];
    const rank = answers[2 * index + 1]?.[1];
    const entry = { id, ...uploadEntry.parse(fields) };
    return [typeof rank === 'number' && entry.state === 'queued' ? { ...entry, queuePosition: rank + 1 } : entry];
  });
}

/** What an earlier request with this name made; undefined when there was none. */
export async function readIdempotent(ledger: Ledger, request: string): Promise<string | undefined> {
  return (await ledger.redis.get(ledgerKey.idempotency(request))) ?? undefined;
}
