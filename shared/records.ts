/**
 * Records: small JSON objects in the bucket that say what Redis would forget if it were lost.
 * Each says one thing for good; the names in them are the instructor's own.
 */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { kind } from './manifest.ts';
import { recordKey } from './storage/keys.ts';
import type { Storage } from './storage/storage.ts';

const version = z.literal(1);
/** ms since 1970, Redis's clock. */
const time = z.int();

export const batchRecord = z.object({
  version,
  id: z.string(),
  title: z.string(),
  instructor: z.string(),
  createdAt: time.optional(),
  idempotency: z.string().optional(),
});

export const uploadRecord = z.object({
  version,
  id: z.string(),
  batch: z.string(),
  sequence: z.int(),
  name: z.string(),
  bytes: z.int(),
  contentType: z.string(),
  kind,
  original: z.string(),
  queuedAt: time.optional(),
  idempotency: z.string().optional(),
});

export const sealedRecord = z.object({ version, batch: z.string(), at: time.optional() });

export const failedRecord = z.object({
  version,
  batch: z.string(),
  upload: z.string(),
  reason: z.string(),
  /** What ffmpeg or libvips said last. */
  toolOutput: z.string().optional(),
  attempts: z.int().optional(),
  round: z.int().optional(),
  at: time.optional(),
});

export const notifiedRecord = z.object({
  version,
  batch: z.string(),
  at: time,
  /** The mail was given up. */
  refused: z.literal(true).optional(),
});

type Unversioned<Schema extends z.ZodType> = Omit<z.infer<Schema>, 'version'>;

export const writeBatchRecord = (storage: Storage, record: Unversioned<typeof batchRecord>) =>
  put(storage, recordKey.batch(record.id), batchRecord, record);

export const writeUploadRecord = (storage: Storage, record: Unversioned<typeof uploadRecord>) =>
  put(storage, recordKey.upload(record.batch, record.sequence, record.id), uploadRecord, record);

export const writeSealedRecord = (storage: Storage, record: Unversioned<typeof sealedRecord>) =>
  put(storage, recordKey.sealed(record.batch), sealedRecord, record);

export const writeFailedRecord = (storage: Storage, record: Unversioned<typeof failedRecord>) =>
  put(storage, recordKey.failed(record.batch, record.upload), failedRecord, record);

export const writeNotifiedRecord = (storage: Storage, record: Unversioned<typeof notifiedRecord>) =>
  put(storage, recordKey.notified(record.batch), notifiedRecord, record);

/** Writing the same record again is harmless: it says the same. */
async function put(storage: Storage, key: string, schema: z.ZodType, record: object): Promise<void> {
  const body = Buffer.from(JSON.stringify(schema.parse({ version: 1, ...record })));
  await storage.write(key, Readable.from([body]), { contentType: 'application/json', bytes: body.length });
}
