/** Law 4: published means whole. Two attempts at once, an attempt that breaks off, and what readers find. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fetchOriginal } from '../../services/transcoder/fetch-original.ts';
import type { Outlast } from '../../services/transcoder/outlast.ts';
import { publish } from '../../services/transcoder/publish.ts';
import type { Rendering } from '../../services/transcoder/rendering.ts';
import type { UploadEntry } from '../../shared/ledger/read.ts';
import type { Manifest } from '../../shared/manifest.ts';
import { publishedManifest } from '../../shared/published-manifest.ts';
import { openDiskStorage } from '../../shared/storage/disk.ts';
import { openS3Storage } from '../../shared/storage/s3.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { makeBuckets, type TestBuckets } from '../support/buckets.ts';
import { needs } from '../support/needs.ts';
import { startProxy } from '../support/proxy.ts';
import { listKeys } from '../support/stored.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const upload: UploadEntry = {
  version: '1',
  id: 'upload',
  batch: 'batch',
  sequence: 7,
  name: 'a.mp4',
  bytes: 1,
  contentType: 'video/mp4',
  kind: 'video',
  original: 'originals/batch/upload/a.mp4',
  state: 'processing',
  queuedAt: 0,
  attempts: 1,
  round: 0,
  progress: 0,
  variants: [],
};
const rendering: Rendering = {
  kind: 'video',
  variants: ['360p.mp4', '480p.mp4'].map((file) => ({
    name: file.slice(0, 4),
    file,
    contentType: 'video/mp4',
    bytes: 5,
  })),
};

let storage: Storage;
let directory: string;
beforeAll(async () => {
  const temporary = await temporaryDirectory();
  directory = join(temporary.path, 'out');
  storage = await openDiskStorage(join(temporary.path, 'storage'));
  await mkdir(directory);
  for (const { file } of rendering.variants) await writeFile(join(directory, file), 'video');
  return () => temporary[Symbol.asyncDispose]();
});

const never = new AbortController().signal;
const attemptOf = (name: string, signal = never) => ({
  name,
  directory,
  signal,
  outlast: <T>(work: () => Promise<T>) => work(),
});
const keysOf = (sequence: number) => listKeys(storage, `media/batch/0000000${sequence}-`);

describe('publish', () => {
  it('lets one of two attempts win, gives both its manifest, and removes the other', async () => {
    const manifests = await Promise.all(
      ['1-a', '1-b', '1-c'].map((name) => publish(storage, upload, rendering, attemptOf(name))),
    );
    const [winner] = manifests;
    for (const manifest of manifests) expect(manifest).toEqual(winner);
    const named = winner?.variants.map(({ key }) => key) ?? [];
    expect(await keysOf(7)).toEqual([...named, 'media/batch/00000007-a/manifest.json'].sort());
    expect(await publishedManifest(storage, upload)).toEqual(winner);
  });

  it('leaves nothing of an attempt that breaks off before the manifest', async () => {
    const other = { ...upload, sequence: 8 };
    const more = { ...rendering.variants[0], name: '720p', file: 'missing.mp4', contentType: 'video/mp4', bytes: 5 };
    const broken = { ...rendering, variants: [...rendering.variants, more] };
    await expect(publish(storage, other, broken, attemptOf('1-a'))).rejects.toThrow('missing.mp4');
    expect(await keysOf(8)).toEqual([]);
    expect(await publishedManifest(storage, other)).toBeUndefined();
  });

  it('follows no link', async () => {
    await writeFile(join(directory, 'secret'), 'video');
    await symlink('secret', join(directory, 'link.mp4'));
    const linked = { ...rendering, variants: rendering.variants.map((variant) => ({ ...variant, file: 'link.mp4' })) };
    const publishing = publish(storage, { ...upload, sequence: 5 }, linked, attemptOf('linked'));
    await expect(publishing).rejects.toThrow(/ELOOP/);
    expect(await keysOf(5)).toEqual([]);
  });

  it('publishes nothing once it was stopped', async () => {
    const other = { ...upload, sequence: 9 };
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(publish(storage, other, rendering, attemptOf('1-a', stopped))).rejects.toThrow('stopped');
    expect(await keysOf(9)).toEqual([]);
  });
});

describe('publish on S3, where the answer to the manifest is lost', needs.s3, () => {
  /** Publishes through a proxy that cuts the connection instead of passing the answers that `lost` names, from 0. */
  async function publishThrough(buckets: TestBuckets, lost: (answer: number) => boolean) {
    let answers = 0;
    await using proxy = await startProxy(buckets.config.endpoint ?? '', (piece) =>
      lost(answers++) ? undefined : piece,
    );
    const through = openS3Storage({ ...buckets.config, endpoint: proxy.url });
    const result = await publish(through, upload, rendering, attemptOf('1-a')).catch((error: unknown) => error);
    through.close();
    const direct = openS3Storage(buckets.config);
    const found = {
      keys: await listKeys(direct, 'media/batch/'),
      manifest: await publishedManifest(direct, upload),
    };
    direct.close();
    return { result, ...found };
  }
  const whole = (manifest: Manifest | undefined) =>
    [...(manifest?.variants.map(({ key }) => key) ?? ['none']), 'media/batch/00000007-a/manifest.json'].sort();

  it('once: the request is repeated, finds its own manifest, and all that it names stays', async () => {
    await using buckets = await makeBuckets();
    const { result, manifest, keys } = await publishThrough(buckets, (answer) => answer === 2);
    expect(manifest).toEqual(result);
    expect(keys).toEqual(whole(manifest));
  });

  it('for good: it fails as an outage, and all that the manifest names stays', async () => {
    await using buckets = await makeBuckets();
    const { result, manifest, keys } = await publishThrough(buckets, (answer) => answer >= 2);
    expect(result).toMatchObject({ name: 'StorageError', trouble: 'away' });
    expect(keys).toEqual(whole(manifest));
  });
});

describe('a stop while the S3 server hangs', needs.s3, () => {
  const outlast: Outlast = (work) => work();
  /** A store behind a proxy that keeps what is asked once `hangs` says so. */
  async function hanging(use: (through: Storage) => (signal: AbortSignal) => Promise<unknown>, from: RegExp) {
    await using buckets = await makeBuckets();
    await buckets.client.putObject(buckets.config.bucket, upload.original, Buffer.from('x'));
    const stop = new AbortController();
    let hangs = false;
    await using proxy = await startProxy(
      buckets.config.endpoint ?? '',
      (piece) => piece,
      (request) => {
        if (!hangs && from.test(request.toString('latin1'))) {
          hangs = true;
          setTimeout(() => stop.abort(new Error('stopped')), 200);
        }
        return hangs ? 'kept' : 'passed';
      },
    );
    const through = openS3Storage({ ...buckets.config, endpoint: proxy.url });
    const begun = performance.now();
    await expect(use(through)(stop.signal)).rejects.toThrow('stopped');
    expect(performance.now() - begun).toBeLessThan(7_000);
    through.close();
  }

  it.each([
    ['an output', /^PUT .*360p\.mp4/],
    ['the manifest', /^PUT .*manifest\.json/],
  ])('ends the publishing of %s', (_what, from) =>
    hanging(
      (through) => (signal) => publish(through, upload, rendering, { name: '1-a', directory, signal, outlast }),
      from,
    ),
  );

  it.each([
    ['before', /^HEAD /],
    ['when', /^GET /],
  ])('ends the fetching of an original %s that is asked for', (_when, from) =>
    hanging(
      (through) => (signal) =>
        fetchOriginal(through, { key: upload.original, bytes: 1 }, join(directory, 'source'), signal),
      from,
    ),
  );
});
