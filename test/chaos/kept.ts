/** What lies in the store, and what should: from what the API says of the uploads, not from what the house keeps in Redis. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bucketClient } from '../../infra/buckets/client.ts';
import type { BatchView } from '../../services/upload/views.ts';
import type { StorageConfig } from '../../shared/config.ts';
import { publishedManifest } from '../../shared/published-manifest.ts';
import { manifestKey, mediaPrefix, originalKey, recordKey } from '../../shared/storage/keys.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { listAllKeys } from '../support/stored.ts';

export interface Kept {
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** Half-written objects, before the house has tidied up after what was killed, and after it. */
  readonly halfBefore: number;
  readonly half: readonly string[];
}

/** No original has expired when a run ends. */
export async function readKept(storage: Storage, batches: readonly BatchView[]) {
  const expected: string[] = [];
  for (const { id: batch, uploads } of batches) {
    expected.push(recordKey.batch(batch), recordKey.sealed(batch), recordKey.notified(batch));
    for (const upload of uploads) {
      const { id, sequence, name, state } = upload;
      expected.push(recordKey.upload(batch, sequence, id), originalKey(batch, id, name));
      if (state === 'failed') expected.push(recordKey.failed(batch, id));
      if (state !== 'ready') continue;
      expected.push(manifestKey(mediaPrefix(batch, sequence, name)));
      expected.push(...((await publishedManifest(storage, upload))?.variants ?? []).map(({ key }) => key));
    }
  }
  return { expected, found: await listAllKeys(storage) };
}

/** By other means than the product's own. MinIO names none without their full key, and removes them by itself after a day. */
export async function halfWritten(config: StorageConfig): Promise<string[]> {
  if (config.driver === 'disk') return readdir(join(config.directory, '.incoming'));
  const found: string[] = [];
  for (const bucket of new Set([config.bucket, config.mediaBucket])) {
    for await (const { key } of bucketClient(config).listIncompleteUploads(bucket, '', true)) found.push(key);
  }
  return found;
}
