/**
 * Publishing: the outputs go under a prefix of this attempt, then the manifest is created, if there is none yet.
 * A reader who finds a manifest finds all that it names, from one attempt only.
 */
import { constants, open } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '../../shared/errors.ts';
import { inTime } from '../../shared/in-time.ts';
import type { UploadEntry } from '../../shared/ledger/read.ts';
import type { Manifest } from '../../shared/manifest.ts';
import { publishedManifest } from '../../shared/published-manifest.ts';
import { manifestKey, mediaPrefix, variantKey } from '../../shared/storage/keys.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { orAborted } from './or-aborted.ts';
import type { Outlast } from './outlast.ts';
import type { Rendering } from './rendering.ts';

/** A stop must not wait for a store that hangs. */
const TIDY_WITHIN_MS = 3_000;

/** A link would have another file of this machine published. */
const PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW;

export interface Publishing {
  /** The attempt's segment of the keys: no two attempts share one. */
  readonly name: string;
  /** Where the rendering's files lie. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly outlast: Outlast;
}

/**
 * Waits for a store that is away.
 * @returns the manifest that holds: another attempt's, if that one was first; our outputs are removed then.
 * @throws the signal's reason when aborted.
 */
export async function publish(
  storage: Storage,
  upload: UploadEntry,
  rendering: Rendering,
  { name, directory, signal, outlast }: Publishing,
): Promise<Manifest> {
  const manifest = manifestOf(upload, rendering, name);
  try {
    for (const { key, contentType, bytes, file } of manifest.variants) {
      signal.throwIfAborted();
      await outlast(async () => {
        await using source = await open(join(directory, file), PLAIN);
        return await storage.write(key, source.createReadStream(), { contentType, bytes, signal });
      });
    }
    signal.throwIfAborted();
  } catch (error) {
    // What is left all the same the reconciler removes.
    const late = () => new Error('the store takes long');
    await inTime(removeOutputs(storage, manifest), TIDY_WITHIN_MS, late).catch(() => {});
    throw error;
  }
  // From here on nothing is removed unless somebody else's manifest is there. A store whose answer was lost may have created our manifest, also where it says then that there is one already.
  const key = manifestKey(prefixOf(upload));
  const body = `${JSON.stringify(manifest, null, 2)}\n`;
  const created = await outlast(() => storage.createIfAbsent(key, body, { contentType: 'application/json', signal }));
  if (created) return manifest;
  const published = await outlast(() => orAborted(existingManifest(storage, upload), signal));
  if (published.attempt !== manifest.attempt) await outlast(() => orAborted(removeOutputs(storage, manifest), signal));
  return published;
}

async function existingManifest(storage: Storage, upload: UploadEntry): Promise<Manifest> {
  const published = await publishedManifest(storage, upload);
  if (!published) throw new StorageError('away', `${manifestKey(prefixOf(upload))} is there and cannot be read`);
  return published;
}

const prefixOf = ({ batch, sequence, name }: UploadEntry) => mediaPrefix(batch, sequence, name);

function manifestOf(
  upload: UploadEntry,
  { kind, variants, warning, placeholder }: Rendering,
  attempt: string,
): Manifest {
  const { id, batch, sequence, name } = upload;
  return {
    version: 1,
    upload: id,
    batch,
    sequence,
    name,
    kind,
    attempt,
    ...(warning !== undefined && { warning }),
    ...(placeholder !== undefined && { placeholder }),
    publishedAt: Date.now(),
    variants: variants.map((variant) => ({ ...variant, key: variantKey(prefixOf(upload), attempt, variant.file) })),
  };
}

async function removeOutputs(storage: Storage, manifest: Manifest): Promise<void> {
  for (const { key } of manifest.variants) await storage.remove(key);
}
