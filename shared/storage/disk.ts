/** Objects as files below one directory: the embedded default. Written to a temporary file, flushed, then renamed. */
import { randomUUID } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import {
  access,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StorageError, type StorageTrouble } from '../errors.ts';
import { exactLength } from './exact-length.ts';
import type { ByteRange, ObjectAbout, Storage, StoredObject } from './storage.ts';
import { withErrors } from './with-errors.ts';

/** Half-written objects live here, on the same file system as the finished ones, so that a rename publishes them. */
const INCOMING = '.incoming';

/** Another process may prune an empty directory between our mkdir and our rename. */
const PLACE_TRIES = 5;

export async function openDiskStorage(root: string): Promise<Storage> {
  await mkdir(join(root, INCOMING), { recursive: true }).catch(translate);

  const pathOf = (key: string) => {
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(key)) {
      throw new StorageError('refused', `not a storage key: ${JSON.stringify(key)}`);
    }
    return join(root, key);
  };

  async function place(path: string, put: () => Promise<void>): Promise<void> {
    for (let tried = 1; ; tried++) {
      await mkdir(dirname(path), { recursive: true });
      try {
        await put();
        await flushDirectory(dirname(path));
        return;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || tried === PLACE_TRIES) throw error;
      }
    }
  }

  /** Without the whole directory, as when its disk is not mounted, no file in it is missing: all are out of reach. */
  const expectMounted = async () => {
    await access(join(root, INCOMING)).catch((error) => {
      throw new StorageError('away', `storage: ${root} is not there`, { cause: error });
    });
    return undefined;
  };
  const notFoundOrAway = async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') await expectMounted();
    return translate(error);
  };

  return {
    async write(key: string, body: Readable, about: ObjectAbout) {
      const path = pathOf(key);
      const temporary = join(root, INCOMING, randomUUID());
      const file = createWriteStream(temporary, { flags: 'wx', flush: true });
      try {
        const { bytes, signal } = about;
        const options = signal ? { signal } : {};
        await (bytes === undefined
          ? pipeline(body, file, options)
          : pipeline(body, exactLength(key, bytes), file, options));
        await place(path, () => rename(temporary, path));
      } catch (error) {
        await rm(temporary, { force: true });
        about.signal?.throwIfAborted();
        await expectMounted();
        translate(error);
      }
    },

    async createIfAbsent(key, body) {
      const path = pathOf(key);
      const temporary = join(root, INCOMING, randomUUID());
      try {
        await writeFile(temporary, body, { flag: 'wx', flush: true });
        await place(path, () => link(temporary, path));
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        await expectMounted();
        return translate(error);
      } finally {
        await rm(temporary, { force: true });
      }
    },

    async read(key: string, range?: ByteRange) {
      const file = await open(pathOf(key)).catch(notFoundOrAway);
      return withErrors(file.createReadStream(range && { start: range.start, end: range.end }), asStorageError);
    },

    async stat(key) {
      try {
        const { size, mtime } = await stat(pathOf(key));
        return { key, bytes: size, modifiedAt: mtime };
      } catch (error) {
        return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' ? await expectMounted() : translate(error);
      }
    },

    async *list(prefix): AsyncIterable<StoredObject> {
      const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      yield* listBelow(root, directory, prefix);
      // Whoever takes an empty listing for an empty store would forget everything.
      await expectMounted();
    },

    async remove(key) {
      const path = pathOf(key);
      await unlink(path).catch((error) => (codeOf(error) === 'ENOENT' ? expectMounted() : translate(error)));
      await pruneEmpty(dirname(path), root);
    },

    async signedUrl() {
      return undefined;
    },

    async removeUnfinished(before) {
      let removed = 0;
      for (const name of await readdir(join(root, INCOMING)).catch(notFoundOrAway)) {
        const path = join(root, INCOMING, name);
        const found = await stat(path).catch(() => undefined);
        if (!found || found.mtime > before) continue;
        await rm(path, { force: true }).catch(translate);
        removed++;
      }
      return removed;
    },

    async freeBytes() {
      const { bavail, bsize } = await statfs(root).catch(notFoundOrAway);
      return bavail * bsize;
    },

    async check() {
      await access(join(root, INCOMING), constants.W_OK).catch(notFoundOrAway);
    },

    close() {},
  };
}

async function* listBelow(root: string, directory: string, prefix: string): AsyncIterable<StoredObject> {
  const entries = await readdir(join(root, directory), { withFileTypes: true }).catch((error) => {
    if (codeOf(error) === 'ENOENT') return [];
    return translate(error);
  });
  // A directory sorts as its keys do, with the slash behind its name.
  const named = entries.map((entry) => ({ entry, key: directory + entry.name + (entry.isDirectory() ? '/' : '') }));
  named.sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { entry, key } of named) {
    if (key === `${INCOMING}/`) continue;
    if (entry.isDirectory()) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) yield* listBelow(root, key, prefix);
    } else if (key.startsWith(prefix)) {
      const found = await stat(join(root, key)).catch(() => undefined);
      if (found) yield { key, bytes: found.size, modifiedAt: found.mtime };
    }
  }
}

async function pruneEmpty(directory: string, root: string): Promise<void> {
  for (let current = directory; current !== root; current = dirname(current)) {
    try {
      await rmdir(current);
    } catch {
      return;
    }
  }
}

/** A rename is safe against power loss only when its directory has been flushed too. */
async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code;

const troubles: Record<string, StorageTrouble> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EISDIR: 'not-found',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EACCES: 'refused',
  EPERM: 'refused',
  EROFS: 'refused',
};

/** The file system's errors become StorageErrors; what a body's source threw passes as it is. */
function translate(error: unknown): never {
  const failure = error as NodeJS.ErrnoException;
  if (error instanceof StorageError || failure.syscall === undefined || failure.path === undefined) throw error;
  throw asStorageError(failure);
}

function asStorageError(failure: NodeJS.ErrnoException): StorageError {
  const trouble = troubles[failure.code ?? ''] ?? 'away';
  return new StorageError(trouble, `storage: ${failure.message}`, { cause: failure });
}
