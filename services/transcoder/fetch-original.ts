/** Brings an original from storage to local disk. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { exactLength } from '../../shared/storage/exact-length.ts';
import type { Storage } from '../../shared/storage/storage.ts';

/** @throws StorageError, also when fewer or more bytes come than were accepted; the signal's reason when aborted. */
export async function fetchOriginal(
  storage: Storage,
  original: { readonly key: string; readonly bytes: number },
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const body = await storage.read(original.key);
  await pipeline(body, exactLength(original.key, original.bytes), createWriteStream(path), { signal });
}
