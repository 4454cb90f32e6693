/** Tries with small objects what the services will do, so that a missing right is known before the first upload. */
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Misconfigured, StorageError } from '../../shared/errors.ts';
import type { Room, Storage } from '../../shared/storage/storage.ts';
import type { S3Config } from './client.ts';

const BODY = 'Projectionist tries whether it may write here. This object may be removed.';
const about = { contentType: 'text/plain' };

/** @throws Misconfigured in one line that names the bucket and the right; StorageError `away`. */
export async function tryRights(storage: Storage, config: S3Config): Promise<void> {
  await tryRoom(storage, 'records', config.bucket);
  if (config.mediaBucket !== config.bucket) await tryRoom(storage, 'media', config.mediaBucket);
}

async function tryRoom(storage: Storage, room: Room, bucket: string): Promise<void> {
  const key = `${room}/check-${randomUUID()}` as const;
  const may = async <T>(what: string, act: () => Promise<T>): Promise<T> =>
    act().catch((error: unknown) => {
      if (error instanceof StorageError && error.trouble === 'away') throw error;
      const said = error instanceof Error ? error.message : String(error);
      throw new Misconfigured(`bucket ${bucket}: these keys may not ${what}: ${said}`);
    });

  await may('write (s3:PutObject)', () => storage.createIfAbsent(key, BODY, about));
  try {
    const isFreeStill = await may('write (s3:PutObject)', () => storage.createIfAbsent(key, BODY, about));
    if (isFreeStill) {
      throw new Misconfigured(`bucket ${bucket}: the server ignores If-None-Match: *, on which publishing rests`);
    }
    await may('read (s3:GetObject)', async () => text(await storage.read(key)));
    await may('list (s3:ListBucket)', () => listOne(storage, key));
  } finally {
    await may('remove (s3:DeleteObject)', () => storage.remove(key));
  }
}

async function listOne(storage: Storage, key: `${Room}/${string}`): Promise<void> {
  for await (const { key: found } of storage.list(key)) if (found === key) return;
  throw new Error(`${key} was written, but is not in the list`);
}
