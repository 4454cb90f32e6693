/**
 * Publishing: the outputs go under a prefix of this attempt, then the manifest is created, if there is none yet.
 * A reader who finds a manifest finds all that it names, from one attempt only.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { StorageError } from '../../shared/errors.ts';
import type { UploadEntry } from '../../shared/ledger/read.ts';
import { type Manifest, manifest as manifestSchema } from '../../shared/manifest.ts';
import { manifestKey, mediaPrefix, variantKey } from '../../shared/storage/keys.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import type { Rendering } from './rendering.ts';

/**
 * @param directory where the rendering's files lie.
 * @returns the manifest that holds: another attempt's, if that one was first; our outputs are removed then.
 */
export async function publish(
  storage: Storage,
  upload: UploadEntry,
  rendering: Rendering,
  directory: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const manifest = manifestOf(upload, rendering);
  try {
    for (const { key, contentType, bytes, file } of manifest.variants) {
      signal.throwIfAborted();
      await storage.write(key, createReadStream(join(directory, file)), { contentType, bytes });
    }
    signal.throwIfAborted();
  } catch (error) {
    await removeOutputs(storage, manifest).catch(() => {});
    throw error;
  }
  // From here on nothing is removed unless somebody else's manifest is there: a store whose answer was lost may have
  // created ours, also where it says that there is one already, because the request was repeated.
  const key = manifestKey(prefixOf(upload));
  const body = `${JSON.stringify(manifest, null, 2)}\n`;
  if (await storage.createIfAbsent(key, body, { contentType: 'application/json' })) return manifest;
  const published = await publishedManifest(storage, upload);
  if (!published) throw new StorageError('away', `${key} is there and cannot be read`);
  if (published.attempt !== manifest.attempt) await removeOutputs(storage, manifest);
  return published;
}

/** The manifest of an upload that was published before; undefined when it was not. */
export async function publishedManifest(storage: Storage, upload: UploadEntry): Promise<Manifest | undefined> {
  try {
    const body = await storage.read(manifestKey(prefixOf(upload)));
    return manifestSchema.parse(JSON.parse(await text(body)));
  } catch (error) {
    if (error instanceof StorageError && error.trouble === 'not-found') return undefined;
    throw error;
  }
}

const prefixOf = ({ batch, sequence, name }: UploadEntry) => mediaPrefix(batch, sequence, name);

function manifestOf(upload: UploadEntry, { kind, variants, warning }: Rendering): Manifest {
  const { id, batch, sequence, name, attempts } = upload;
  const attempt = `${attempts}-${randomBytes(3).toString('hex')}`;
  return {
    version: 1,
    upload: id,
    batch,
    sequence,
    name,
    kind,
    attempt,
    ...(warning !== undefined && { warning }),
    variants: variants.map((variant) => ({ ...variant, key: variantKey(prefixOf(upload), attempt, variant.file) })),
  };
}

async function removeOutputs(storage: Storage, manifest: Manifest): Promise<void> {
  for (const { key } of manifest.variants) await storage.remove(key);
}
