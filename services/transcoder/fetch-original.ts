/** Brings an original from storage to local disk. A download that breaks off goes on where it was. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { FileFault, StorageError } from '../../shared/errors.ts';
import { exactLength } from '../../shared/storage/exact-length.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { orAborted } from './or-aborted.ts';

/** @throws StorageError; FileFault when fewer or more bytes are stored than were accepted; the signal's reason when aborted. */
export async function fetchOriginal(
  storage: Storage,
  original: { readonly key: string; readonly bytes: number },
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await orAborted(expectWhole(storage, original), signal);
  for (let start = 0; ; ) {
    const asked = storage.read(original.key, { start, end: original.bytes - 1 });
    // Nobody reads what comes after the stop.
    asked.then((late) => signal.aborted && late.destroy()).catch(() => {});
    const rest = await orAborted(asked, signal);
    // At a place of its own, not appended: a write that the break overtook is done, but not counted in bytesWritten.
    const file = createWriteStream(path, start === 0 ? {} : { flags: 'r+', start });
    try {
      return await pipeline(rest, exactLength(original.key, original.bytes - start, 'away'), file, { signal });
    } catch (error) {
      if (!file.closed) await once(file, 'close');
      const brokeOff = error instanceof StorageError && error.trouble === 'away' && file.bytesWritten > 0;
      if (!brokeOff) throw error;
      start += file.bytesWritten;
    }
  }
}

/** A store that has lost a part of an original will not find it by being asked again. */
async function expectWhole(storage: Storage, { key, bytes }: { readonly key: string; readonly bytes: number }) {
  const stored = await storage.stat(key);
  if (!stored || stored.bytes === bytes) return;
  const found = `${key}: ${bytes} bytes were accepted, ${stored.bytes} are stored`;
  throw new FileFault('The uploaded file is no longer whole in our storage. Please send it again.', found);
}
