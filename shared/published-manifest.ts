/** Reading what an upload became. */
import { text } from 'node:stream/consumers';
import { StorageError } from './errors.ts';
import { type Manifest, manifest as manifestSchema } from './manifest.ts';
import { manifestKey, mediaPrefix } from './storage/keys.ts';
import type { Storage } from './storage/storage.ts';

/**
 * The manifest of an upload that was published; undefined when it was not.
 * @throws StorageError; Error where another upload's lies in its place: a Redis that has lost its last moment gave a
 *   sequence twice, and nobody must be shown somebody else's film.
 */
export async function publishedManifest(
  storage: Storage,
  upload: { readonly id: string; readonly batch: string; readonly sequence: number; readonly name: string },
): Promise<Manifest | undefined> {
  const prefix = mediaPrefix(upload.batch, upload.sequence, upload.name);
  const manifest = await manifestAt(storage, prefix);
  if (manifest === undefined || manifest.upload === upload.id) return manifest;
  throw new Error(`${manifestKey(prefix)} is of upload ${manifest.upload}, not of ${upload.id}`);
}

/** The manifest below this prefix; undefined when there is none. @throws StorageError */
export async function manifestAt(storage: Storage, prefix: string): Promise<Manifest | undefined> {
  try {
    const body = await storage.read(manifestKey(prefix));
    return manifestSchema.parse(JSON.parse(await text(body)));
  } catch (error) {
    if (error instanceof StorageError && error.trouble === 'not-found') return undefined;
    throw error;
  }
}
