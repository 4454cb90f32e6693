/** The disk store whose disk is not there: nothing in it is missing, all of it is out of reach. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { openDiskStorage } from '../../shared/storage/disk.ts';
import type { StoredObject } from '../../shared/storage/storage.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const KEY = 'originals/batch/upload/a.mp4';

async function all(listed: AsyncIterable<StoredObject>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listed) keys.push(key);
  return keys;
}

it('a disk that is not mounted is away, whatever it is asked, and has everything again when it is back', async () => {
  await using directory = await temporaryDirectory();
  const root = join(directory.path, 'storage');
  const storage = await openDiskStorage(root);
  const write = (key: string) => storage.write(key, Readable.from(['x']), { contentType: 'video/mp4' });
  await write(KEY);
  await rename(root, `${root}-away`);
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    write: () => write(KEY),
    createIfAbsent: () => storage.createIfAbsent(KEY, 'x', { contentType: 'text/plain' }),
    read: () => storage.read(KEY),
    stat: () => storage.stat(KEY),
    list: () => all(storage.list('originals/')),
    'list of what was never there': () => all(storage.list('records/')),
    remove: () => storage.remove(KEY),
    removeUnfinished: () => storage.removeUnfinished(new Date()),
    freeBytes: () => storage.freeBytes(),
    check: () => storage.check(),
  };
  for (const [name, ask] of Object.entries(asked)) {
    await expect(ask(), name).rejects.toMatchObject({ name: 'StorageError', trouble: 'away' });
  }
  // What a write may have made on its way there must not be taken for the store.
  await rename(root, `${root}-made-meanwhile`).catch(() => {});
  await rename(`${root}-away`, root);
  expect(await all(storage.list('originals/'))).toEqual([KEY]);
});
