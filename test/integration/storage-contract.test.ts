/** What every storage driver promises, tried on each. */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { StorageError } from '../../shared/errors.ts';
import { openDiskStorage } from '../../shared/storage/disk.ts';
import { openS3Storage } from '../../shared/storage/s3.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { makeBuckets } from '../support/buckets.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MiB = 1024 ** 2;
const text_ = { contentType: 'text/plain' };

const onS3 = async (own: { readonly media: boolean }) => {
  const buckets = await makeBuckets(own);
  const storage = openS3Storage(buckets.config);
  return {
    storage,
    close: async () => {
      storage.close();
      await buckets[Symbol.asyncDispose]();
    },
  };
};

const stores = [
  {
    store: 'disk',
    need: {},
    open: async () => {
      const directory = await temporaryDirectory();
      return { storage: await openDiskStorage(directory.path), close: () => directory[Symbol.asyncDispose]() };
    },
  },
  { store: 's3, one bucket', need: needs.s3, open: () => onS3({ media: false }) },
  { store: 's3, media in a bucket of their own', need: needs.s3, open: () => onS3({ media: true }) },
];

describe.each(stores)('storage on $store', ({ need, open }) => {
  describe('keeps its contract', need, () => {
    let storage: Storage;
    /** Tests do not see each other's objects. */
    const prefix = `media/test-${randomUUID()}` as const;

    beforeAll(async () => {
      const opened = await open();
      storage = opened.storage;
      return opened.close;
    });

    const key = (name: string) => `${prefix}/${name}` as const;
    const put = (name: string, body: string) => storage.write(key(name), Readable.from([body]), text_);

    it('reads back what was written, whole and in part', async () => {
      await put('a/hello.txt', 'hello world');
      expect(await text(await storage.read(key('a/hello.txt')))).toBe('hello world');
      expect(await text(await storage.read(key('a/hello.txt'), { start: 6, end: 8 }))).toBe('wor');
      expect(await storage.stat(key('a/hello.txt'))).toMatchObject({ key: key('a/hello.txt'), bytes: 11 });
    });

    it('replaces an object', async () => {
      await put('replaced', 'first');
      await put('replaced', 'second');
      expect(await text(await storage.read(key('replaced')))).toBe('second');
    });

    it.each([
      { length: 'announced', announce: true },
      { length: 'unknown', announce: false },
    ])('streams a body of several parts whose length is $length', async ({ announce }) => {
      const bytes = 40 * MiB;
      const chunk = Buffer.alloc(MiB, 'x');
      const body = Readable.from(
        (function* () {
          for (let index = 0; index < bytes / MiB; index++) yield chunk;
        })(),
        { objectMode: false },
      );
      await storage.write(key('large'), body, { ...text_, ...(announce && { bytes }) });
      expect((await storage.stat(key('large')))?.bytes).toBe(bytes);
      expect((await buffer(await storage.read(key('large'), { start: bytes - 3, end: bytes - 1 }))).toString()).toBe(
        'xxx',
      );
    });

    it('creates an object only where there is none', async () => {
      expect(await storage.createIfAbsent(key('once'), 'first', text_)).toBe(true);
      expect(await storage.createIfAbsent(key('once'), 'second', text_)).toBe(false);
      expect(await text(await storage.read(key('once')))).toBe('first');
    });

    it('lets exactly one of many creators win', async () => {
      const created = await Promise.all(
        Array.from({ length: 8 }, (_, index) => storage.createIfAbsent(key('race'), `${index}`, text_)),
      );
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await text(await storage.read(key('race')))).toBe(String(created.indexOf(true)));
    });

    it('says not-found before a byte is read', async () => {
      await expect(storage.read(key('nothing'))).rejects.toMatchObject({ name: 'StorageError', trouble: 'not-found' });
      expect(await storage.stat(key('nothing'))).toBeUndefined();
    });

    it('lists by prefix, sorted by key, and only that', async () => {
      for (const name of ['list/b/1', 'list/a', 'list/b-2', 'listed']) await put(name, name);
      const keysOf = async (below: string) => {
        const keys: string[] = [];
        for await (const object of storage.list(key(below))) keys.push(object.key.slice(prefix.length + 1));
        return keys;
      };
      expect(await keysOf('list/')).toEqual(['list/a', 'list/b-2', 'list/b/1']);
      expect(await keysOf('list/b')).toEqual(['list/b-2', 'list/b/1']);
      expect(await keysOf('no-such/')).toEqual([]);
    });

    it('removes, also what is not there', async () => {
      await put('gone', 'x');
      await storage.remove(key('gone'));
      await storage.remove(key('gone'));
      expect(await storage.stat(key('gone'))).toBeUndefined();
    });

    it.each([
      { announce: undefined, chunks: [64 * 1024] },
      { announce: 20 * MiB, chunks: [64 * 1024] },
      { announce: undefined, chunks: [20 * MiB, 20 * MiB] },
    ])(
      'leaves nothing of a body that breaks after $chunks bytes, $announce announced',
      async ({ announce, chunks }) => {
        const broken = new Error('the client went away');
        const body = Readable.from(
          (function* () {
            for (const length of chunks) yield Buffer.alloc(length, 'x');
            throw broken;
          })(),
          { objectMode: false },
        );
        const about = { ...text_, ...(announce !== undefined && { bytes: announce }) };
        await expect(storage.write(key('broken'), body, about)).rejects.toBe(broken);
        expect(await storage.stat(key('broken'))).toBeUndefined();
      },
    );

    it.each([undefined, 100, 20 * MiB])('leaves nothing of a body that is broken off, %s announced', async (bytes) => {
      const stop = new AbortController();
      const body = new Readable({ read: () => {} });
      body.push('begun');
      const about = { ...text_, ...(bytes !== undefined && { bytes }), signal: stop.signal };
      const write = storage.write(key('stopped'), body, about);
      setTimeout(() => stop.abort(new Error('stopped')), 100);
      await expect(write).rejects.toThrow('stopped');
      expect(await storage.stat(key('stopped'))).toBeUndefined();
    });

    it.each([
      { announced: 4, came: 'too much' },
      { announced: 100, came: 'too little' },
    ])('refuses a body that is not as long as announced: $came', async ({ announced, came }) => {
      const write = storage.write(key('length'), Readable.from([came]), { ...text_, bytes: announced });
      await expect(write).rejects.toBeInstanceOf(StorageError);
      expect(await storage.stat(key('length'))).toBeUndefined();
    });

    it('keeps the old object when a replacement breaks', async () => {
      await put('kept', 'old');
      const body = Readable.from(
        (function* () {
          yield 'new';
          throw new Error('broken');
        })(),
      );
      await expect(storage.write(key('kept'), body, text_)).rejects.toThrow('broken');
      expect(await text(await storage.read(key('kept')))).toBe('old');
    });

    it('signs a URL that gives the object, if it has a server', async () => {
      await put('signed', 'for you');
      const url = await storage.signedUrl(key('signed'), 60);
      if (url === undefined) return expect(need).toEqual({});
      expect(await (await fetch(url)).text()).toBe('for you');
    });

    it('checks that it answers', async () => {
      await storage.check();
    });
  });
});

describe('the disk store', () => {
  it('refuses keys that leave its directory or hide in it', async () => {
    await using directory = await temporaryDirectory();
    const storage = await openDiskStorage(join(directory.path, 'store'));
    for (const key of ['../out', 'a/../../out', '/etc/passwd', 'a//b', '.incoming/x', 'a/.hidden', '', 'a\0b']) {
      await expect(storage.write(key, Readable.from(['x']), text_), key).rejects.toMatchObject({ trouble: 'refused' });
    }
    expect(await readdir(directory.path)).toEqual(['store']);
  });

  it('leaves no temporary file and no empty directory behind', async () => {
    await using directory = await temporaryDirectory();
    const storage = await openDiskStorage(directory.path);
    await storage.write('a/b/c', Readable.from(['x']), text_);
    await storage.createIfAbsent('a/b/d', 'x', text_);
    const broken = Readable.from(
      (function* () {
        yield 'x';
        throw new Error('broken');
      })(),
    );
    await expect(storage.write('a/e', broken, text_)).rejects.toThrow('broken');
    await storage.remove('a/b/c');
    await storage.remove('a/b/d');
    expect(await readdir(directory.path, { recursive: true })).toEqual(['.incoming']);
  });
});

describe('the s3 store', () => {
  it('says that a server which does not answer is away', async () => {
    const storage = openS3Storage({
      driver: 's3',
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      bucket: 'none',
      mediaBucket: 'none',
      accessKeyId: 'x',
      secretAccessKey: 'x',
    });
    onTestFinished(() => storage.close());
    await expect(storage.check()).rejects.toMatchObject({ name: 'StorageError', trouble: 'away' });
    const write = storage.write('a', Readable.from(['x']), { ...text_, bytes: 1 });
    await expect(write).rejects.toMatchObject({ name: 'StorageError', trouble: 'away' });
  });
});
