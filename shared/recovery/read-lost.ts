/** What the bucket's records and manifests say of batches and uploads: all that an empty Redis can be rebuilt from. */
import { text } from 'node:stream/consumers';
import pMap from 'p-map';
import type { z } from 'zod';
import { StorageError } from '../errors.ts';
import type { LostBatch, LostUpload } from '../ledger/restore.ts';
import type { Logger } from '../logger.ts';
import { manifest as manifestSchema } from '../manifest.ts';
import { batchRecord, failedRecord, notifiedRecord, uploadRecord } from '../records.ts';
import { manifestKey, mediaPrefix, parseRecordKey, recordKey } from '../storage/keys.ts';
import type { Storage } from '../storage/storage.ts';

/** Objects that are read at once. */
const AT_ONCE = 64;

/** The records that a batch has, by their keys; `at` is when an object was written, ms since 1970. */
export interface FoundBatch {
  readonly id: string;
  batch?: { readonly key: string; readonly at: number };
  sealedAt?: number;
  notified: boolean;
  readonly uploads: { readonly key: string; readonly upload: string; readonly at: number }[];
  readonly failed: Set<string>;
}

export interface LostHouse {
  readonly batches: readonly LostBatch[];
  /** In upload order. */
  readonly uploads: readonly LostUpload[];
}

/** Lists the records, of one batch or of all. A batch without its own record was never acknowledged. */
export async function findRecords(storage: Storage, batch?: string): Promise<FoundBatch[]> {
  const found = new Map<string, FoundBatch>();
  for await (const { key, modifiedAt } of storage.list(batch === undefined ? 'records/' : `records/${batch}/`)) {
    const parsed = parseRecordKey(key);
    if (!parsed) continue;
    const entry = found.get(parsed.batch) ?? newFound(parsed.batch);
    found.set(parsed.batch, entry);
    const at = modifiedAt.getTime();
    switch (parsed.kind) {
      case 'batch':
        entry.batch = { key, at };
        break;
      case 'upload':
        entry.uploads.push({ key, upload: parsed.upload, at });
        break;
      case 'sealed':
        entry.sealedAt = at;
        break;
      case 'failed':
        entry.failed.add(parsed.upload);
        break;
      case 'notified':
        entry.notified = true;
        break;
    }
  }
  return [...found.values()];
}

const newFound = (id: string): FoundBatch => ({ id, notified: false, uploads: [], failed: new Set() });

/**
 * Reads what was found. A record that cannot be understood is logged and left out: one damaged object must not keep the
 * house closed. @param onRead told after each upload. @throws StorageError
 */
export async function readLost(
  storage: Storage,
  found: readonly FoundBatch[],
  log: Logger,
  onRead: () => void = () => {},
): Promise<LostHouse> {
  const acknowledged = found.filter(({ batch }) => batch !== undefined);
  const batches = await pMap(acknowledged, (one) => readBatch(storage, one, log), { concurrency: AT_ONCE });
  const manifests = await findManifests(storage, acknowledged);
  const records = acknowledged.flatMap((one) => one.uploads.map((upload) => ({ one, upload })));
  const uploads = await pMap(
    records,
    async ({ one, upload }) => {
      const lost = await readUpload(storage, one, upload, manifests, log);
      onRead();
      return lost;
    },
    { concurrency: AT_ONCE },
  );
  return {
    batches: batches.filter((one) => one !== undefined),
    uploads: uploads.filter((one) => one !== undefined).sort((a, b) => a.sequence - b.sequence),
  };
}

/** Keys of the manifests that there are: a listing of a batch costs less than asking for those that there are not. */
async function findManifests(storage: Storage, batches: readonly FoundBatch[]): Promise<ReadonlySet<string>> {
  const manifests = new Set<string>();
  await pMap(
    batches,
    async ({ id }) => {
      for await (const { key } of storage.list(`media/${id}/`)) if (key.endsWith('/manifest.json')) manifests.add(key);
    },
    { concurrency: AT_ONCE },
  );
  return manifests;
}

async function readBatch(storage: Storage, found: FoundBatch, log: Logger): Promise<LostBatch | undefined> {
  if (!found.batch) return undefined;
  const record = await read(storage, found.batch.key, batchRecord, log);
  if (!record) return undefined;
  const notified = found.notified ? await read(storage, recordKey.notified(found.id), notifiedRecord, log) : undefined;
  return {
    ...record,
    createdAt: record.createdAt ?? found.batch.at,
    sealedAt: found.sealedAt,
    notified: notified && { at: notified.at, refused: notified.refused ?? false },
  };
}

async function readUpload(
  storage: Storage,
  { failed }: FoundBatch,
  found: FoundBatch['uploads'][number],
  manifests: ReadonlySet<string>,
  log: Logger,
): Promise<LostUpload | undefined> {
  const record = await read(storage, found.key, uploadRecord, log);
  if (!record) return undefined;
  const { version, ...upload } = record;
  const key = manifestKey(mediaPrefix(record.batch, record.sequence, record.name));
  const queuedAt = record.queuedAt ?? found.at;
  const manifest = manifests.has(key) ? await read(storage, key, manifestSchema, log) : undefined;
  if (manifest && manifest.upload !== record.id)
    log.error({ key, upload: record.id }, 'a manifest is of another upload');
  else if (manifest) {
    const { kind, variants, warning, placeholder, publishedAt } = manifest;
    const settledAt = publishedAt ?? queuedAt;
    return { ...upload, kind, queuedAt, outcome: { state: 'ready', settledAt, variants, warning, placeholder } };
  }
  const failure = failed.has(record.id)
    ? await read(storage, recordKey.failed(record.batch, record.id), failedRecord, log)
    : undefined;
  if (!failure) return { ...upload, queuedAt, outcome: { state: 'queued' } };
  const { reason, toolOutput, attempts = 1, round = 0, at } = failure;
  const settledAt = at ?? queuedAt;
  return { ...upload, queuedAt, outcome: { state: 'failed', settledAt, reason, toolOutput, attempts, round } };
}

/** undefined when there is no such object, or nothing that can be understood. */
async function read<Schema extends z.ZodType>(
  storage: Storage,
  key: string,
  schema: Schema,
  log: Logger,
): Promise<z.infer<Schema> | undefined> {
  let body: string;
  try {
    body = await text(await storage.read(key));
  } catch (error) {
    if (error instanceof StorageError && error.trouble === 'not-found') return undefined;
    throw error;
  }
  const parsed = schema.safeParse(parseJson(body));
  if (!parsed.success) log.error({ key, err: parsed.error }, 'a record cannot be understood and is left out');
  return parsed.data;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
