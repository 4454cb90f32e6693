/** The main job in docker compose: through the published port, looked at by readers that are not ours. */
import { buffer, text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchView, UploadView } from '../../services/upload/views.ts';
import { manifest as manifestSchema } from '../../shared/manifest.ts';
import type { FormFile } from '../support/client.ts';
import { needs } from '../support/needs.ts';
import { type ComposeHouse, composeHouse } from './house.ts';
import { mixedFiles } from './media.ts';
import { expectStrictOrder } from './order.ts';

const BUCKET = 'projectionist';

describe.each([1, 3])('with %i transcoder(s)', needs.compose, (transcoders) => {
  let house: ComposeHouse;
  let batches: BatchView[];
  let uploads: UploadView[];

  beforeAll(async () => {
    house = await composeHouse();
    await house.compose('up', '--detach', '--wait', '--no-recreate', '--scale', `transcoder=${transcoders}`);
    const containers = await house.compose('ps', '--quiet', 'transcoder');
    expect(containers.trim().split('\n')).toHaveLength(transcoders);
    const files = await mixedFiles();
    const ids = [await sendMultipart(house, files.slice(0, 5)), await sendRaw(house, files.slice(5))];
    batches = await Promise.all(ids.map((id) => house.notified(id)));
    uploads = batches.flatMap((batch) => batch.uploads);
  });

  it('renders one file at a time, strictly in the order of upload', () => {
    expect(uploads.map(({ name }) => name[0]).join('')).toBe('12345678');
    expectStrictOrder(uploads);
    expect(uploads.map(({ attempts }) => attempts)).toEqual(uploads.map((_, index) => (index === 2 ? 2 : 1)));
  });

  it('makes of each what it is worth, and says why of the one that is broken', () => {
    expect(uploads.map(({ state }) => state)).toEqual(uploads.map((_, index) => (index === 2 ? 'failed' : 'ready')));
    expect(uploads[2]?.reason).toMatch(/\w{3,}/);
    expect(rungs(uploads[0])).toEqual(['360p', '480p', '720p']);
    expect(rungs(uploads[1])).toEqual(['360p', '480p']);
    expect(uploads[3]?.variants.map(({ name }) => name)).toEqual(['audio', 'poster', 'thumbnail']);
    expect(uploads[0]?.variants.map(({ name }) => name)).toContain('poster');
    expect(uploads[1]?.variants.map(({ name }) => name)).toEqual(expect.arrayContaining(['full', 'thumbnail']));
  });

  it('keeps in MinIO, under readable keys, exactly what the media route serves', async () => {
    for (const batch of batches) {
      const ready = batch.uploads.filter(({ state }) => state === 'ready');
      const listed = await objects(house, `media/${batch.id}/`);
      const promised: string[] = [];
      for (const upload of ready) {
        const slug = upload.name.replace(/\.\w+$/, '').replace(' ', '-');
        const prefix = `media/${batch.id}/${String(upload.sequence).padStart(8, '0')}-${slug}`;
        const manifest = manifestSchema.parse(JSON.parse(await text(await read(house, `${prefix}/manifest.json`))));
        expect(manifest).toMatchObject({ upload: upload.id, batch: batch.id, name: upload.name });
        promised.push(`${prefix}/manifest.json`, ...manifest.variants.map(({ key }) => key));
        expect(manifest.variants.map(({ file }) => file)).toEqual(
          upload.variants.map(({ url }) => url.split('/').at(-1)),
        );
        for (const [index, { key, bytes, contentType }] of manifest.variants.entries()) {
          expect(key.startsWith(`${prefix}/${manifest.attempt}/`)).toBe(true);
          const stat = await house.minio.statObject(BUCKET, key);
          expect(stat.size).toBe(bytes);
          expect(stat.metaData['content-type']).toBe(contentType);
          const served = await fetch(house.url + upload.variants[index]?.url);
          expect(served.headers.get('content-type')).toBe(contentType);
          expect((await buffer(await read(house, key))).equals(Buffer.from(await served.arrayBuffer()))).toBe(true);
        }
      }
      expect(listed).toEqual(promised.sort());
    }
  });

  it('keeps records of every batch, and the originals', async () => {
    for (const { id, uploads } of batches) {
      const records = await objects(house, `records/${id}/`);
      expect(records).toEqual(
        expect.arrayContaining(['batch.json', 'sealed.json', 'notified.json'].map((name) => `records/${id}/${name}`)),
      );
      expect(await objects(house, `originals/${id}/`)).toHaveLength(uploads.length);
    }
  });

  it('sends one mail a batch, which names every file, with links that work', async () => {
    const mails = await house.mails();
    for (const batch of batches) {
      const found = mails.filter(({ MessageID }) => MessageID.includes(batch.id));
      expect(found).toHaveLength(1);
      expect(found[0]?.To.map(({ Address }) => Address)).toEqual([batch.instructor]);
      for (const upload of batch.uploads) {
        expect(found[0]?.Text).toContain(upload.name);
        const watchable = upload.variants.filter(({ contentType }) => /^(video|audio)\//.test(contentType));
        for (const { url } of watchable) expect(found[0]?.Text).toContain(house.url + url);
      }
    }
  });
});

async function sendMultipart(house: ComposeHouse, files: readonly FormFile[]): Promise<string> {
  const fields = { instructor: 'ada@example.org', title: 'By form' };
  return (await house.client.sendBatch(fields, files)).body.id;
}

async function sendRaw(house: ComposeHouse, files: readonly FormFile[]): Promise<string> {
  const { id } = (await house.client.openBatch({ instructor: 'bob@example.org', title: 'One by one' })).body;
  for (const { name, content } of files) await house.client.putUpload(id, name, content);
  await house.client.sealBatch(id);
  return id;
}

const read = (house: ComposeHouse, key: string) => house.minio.getObject(BUCKET, key);

async function objects(house: ComposeHouse, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of house.minio.listObjectsV2(BUCKET, prefix, true)) found.push(name);
  return found.sort();
}

const rungs = (upload: UploadView | undefined) =>
  [...new Set(upload?.variants.map(({ name }) => name))].filter((name) => /^\d+p$/.test(name));
