/** The main job, end to end on the embedded stack, its files on disk and on S3: uploaded, rendered in upload order, published, settled, mailed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeAudio, makeImage, makeVideo } from '../../fixtures/make.ts';
import type { UploadView } from '../../services/upload/views.ts';
import { readConfig } from '../../shared/config.ts';
import { createLogger } from '../../shared/logger.ts';
import { manifest as manifestSchema } from '../../shared/manifest.ts';
import { openQueue } from '../../shared/queues.ts';
import { connectRedis } from '../../shared/redis.ts';
import { runTool } from '../../shared/run-tool.ts';
import { drivers, makeStore } from '../support/drivers.ts';
import { startHouse } from '../support/house.ts';
import { mp4Like } from '../support/samples.ts';
import { startService } from '../support/service.ts';
import { listKeys } from '../support/stored.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const instructor = 'ada@example.org';
let media: TemporaryDirectory;

beforeAll(async () => {
  media = await temporaryDirectory();
  return () => media[Symbol.asyncDispose]();
});

async function content(make: (file: string) => Promise<string>, name: string) {
  return { name, content: await readFile(await make(join(media.path, name))) };
}
const video = (name: string, recipe: object = {}) => content((file) => makeVideo({ file, ...recipe }), name);
const image = (name: string, recipe: object = {}) => content((file) => makeImage({ file, ...recipe }), name);
const audio = (name: string) => content((file) => makeAudio({ file }), name);

const rungs = (upload: UploadView | undefined) =>
  [...new Set(upload?.variants.map((variant) => variant.name))].filter((name) => /^\d+p$/.test(name));

describe.each(drivers)('the main job on $driver', ({ driver, need }) => {
  describe('goes from upload to mail', need, () => {
    it('starts ten files of two batches in exactly their order, and sends one mail a batch that names them all', async () => {
      await using store = await makeStore(driver);
      await using house = await startHouse({ ...store.env, OPERATOR_EMAIL: 'operator@example.org' });
      const { client } = house;
      const first = await client.sendBatch({ instructor, title: 'Week 1' }, [
        await video('one.mp4', { width: 854, height: 480 }),
        await image('two.jpg', { width: 800, height: 600 }),
        { name: 'three <b>broken</b>.mp4', content: mp4Like(20_000) },
        await audio('four.mp3'),
        await video('five.webm'),
        await image('six.png', { width: 300, height: 200 }),
        await video('seven.mov', { sound: false }),
      ]);
      const second = (await client.openBatch({ instructor: 'bob@example.org', title: 'Week 2' })).body;
      for (const file of [await image('eight.webp'), await video('nine.mkv'), await image('ten.jpg')]) {
        await client.putUpload(second.id, file.name, file.content);
      }
      await client.sealBatch(second.id);

      const batches = [await house.notified(first.body.id), await house.notified(second.id)];
      const uploads = batches.flatMap((batch) => batch.uploads);
      expect(uploads.map((upload) => upload.name.split(/[ .]/)[0])).toEqual([
        'one',
        'two',
        'three',
        'four',
        'five',
        'six',
        'seven',
        'eight',
        'nine',
        'ten',
      ]);
      const started = uploads.map((upload) => upload.startedAt ?? '');
      expect(started).toEqual([...started].sort());
      expect(new Set(started).size).toBe(10);
      // One at a time: nobody starts before the one before has settled; but the broken one has its last try after the next.
      for (const [index, upload] of uploads.entries()) {
        const next = upload.state === 'failed' ? index + 2 : index + 1;
        expect((upload.settledAt ?? '') <= (started[next] ?? '9')).toBe(true);
      }

      expect(uploads.map(({ state }) => state)).toEqual(uploads.map((_, index) => (index === 2 ? 'failed' : 'ready')));
      expect(uploads.map(({ kind }) => kind).join()).toBe(
        'video,image,video,audio,video,image,video,image,video,image',
      );
      expect(uploads.map(({ attempts }) => attempts)).toEqual(uploads.map((_, index) => (index === 2 ? 2 : 1)));
      const broken = uploads[2];
      expect(broken?.reason).toMatch(/\w{3,}/);
      expect(broken).toMatchObject({ variants: [], progress: 0 });
      for (const upload of uploads.filter(({ state }) => state === 'ready')) expect(upload.progress).toBe(100);

      const mails = await house.mails();
      expect(mails.map((mail) => mail.to)).toMatchObject([{ text: instructor }, { text: 'bob@example.org' }]);
      expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(2);
      for (const [index, mail] of mails.entries()) {
        expect(mail.replyTo?.text).toBe('operator@example.org');
        for (const upload of batches[index]?.uploads ?? []) {
          expect(mail.text).toContain(upload.name);
          const watchable = upload.variants.filter(({ contentType }) => /^(video|audio)\//.test(contentType));
          for (const { url } of watchable) expect(mail.text).toContain(house.url + url);
        }
      }
      expect(mails[0]?.text).toContain(broken?.reason);
      expect(mails[0]?.html).not.toContain('<b>broken</b>');
    });

    it('gives a 1080p video four rungs and a 480p one two, an image its rungs in two formats', async () => {
      await using store = await makeStore(driver);
      await using house = await startHouse(store.env);
      const { client } = house;
      const { body } = await client.sendBatch({ instructor }, [
        await video('large.mp4', { width: 1920, height: 1080 }),
        await video('small.mp4', { width: 854, height: 480, seconds: 2 }),
        await image('photo.jpg', { width: 1600, height: 900 }),
      ]);
      const [large, small, photo] = (await house.notified(body.id)).uploads;
      expect(rungs(large)).toEqual(['360p', '480p', '720p', '1080p']);
      expect(rungs(small)).toEqual(['360p', '480p']);
      expect(rungs(photo)).toEqual(['360p', '480p', '720p']);
      expect(
        photo?.variants
          .filter(({ name }) => name === '720p')
          .map(({ contentType }) => contentType)
          .sort(),
      ).toEqual(['image/jpeg', 'image/webp']);
      expect(large?.variants.map(({ name }) => name)).toContain('poster');
      expect(photo?.variants.map(({ name }) => name)).toEqual(expect.arrayContaining(['full', 'thumbnail']));
      expect(Buffer.from(photo?.placeholder ?? '', 'base64').length).toBeGreaterThan(15);

      for (const upload of [large, small, photo]) {
        for (const variant of upload?.variants ?? []) {
          const served = Buffer.from(await (await fetch(house.url + variant.url)).arrayBuffer());
          expect(served.length).toBe(variant.bytes);
          if (!/^(video|audio|image)\//.test(variant.contentType)) continue;
          expect(await sizeOf(served, variant.contentType)).toEqual({ width: variant.width, height: variant.height });
        }
      }
    });

    it('renders one file at a time in upload order also with two transcoders', async () => {
      await using store = await makeStore(driver);
      await using house = await startHouse(store.env);
      await using _second = await startService('transcoder', { ...house.env, WORKER_NAME: 'second' });
      const { redisUrl } = readConfig(house.env);
      const redis = connectRedis(redisUrl, 'ask', createLogger('test', { logLevel: 'silent' }));
      onTestFinished(() => redis.disconnect());
      expect(await openQueue('transcode', redis).getWorkersCount()).toBe(2);
      const files = await Promise.all(
        Array.from({ length: 8 }, (_, index) => image(`${index}.png`, { width: 300, height: 200 + index })),
      );
      const { body } = await house.client.sendBatch({ instructor }, files);
      const { uploads } = await house.notified(body.id);
      for (const [index, upload] of uploads.entries()) {
        expect(upload.state).toBe('ready');
        const next = uploads[index + 1]?.startedAt ?? '9';
        expect(upload.settledAt && upload.settledAt <= next).toBe(true);
      }
    });

    it('publishes a manifest that names every object of one attempt, and leaves no scratch', async () => {
      await using store = await makeStore(driver);
      await using house = await startHouse(store.env);
      const { body } = await house.client.sendBatch({ instructor }, [await video('lecture.mp4')]);
      await house.notified(body.id);
      const keys = await listKeys(house.storage, `media/${body.id}/`);
      const prefix = `media/${body.id}/00000001-lecture`;
      const read = await text(await house.storage.read(`${prefix}/manifest.json`));
      const manifest = manifestSchema.parse(JSON.parse(read));
      expect(manifest).toMatchObject({ upload: body.uploads[0]?.id, batch: body.id, sequence: 1, name: 'lecture.mp4' });
      const named = manifest.variants.map(({ key }) => key);
      expect(keys).toEqual([...named, `${prefix}/manifest.json`].sort());
      for (const key of named) expect(key.startsWith(`${prefix}/${manifest.attempt}/`)).toBe(true);
      // The ledger knows it first.
      const records = () => listKeys(house.storage, `records/${body.id}/`);
      await expect.poll(records, { timeout: 5000 }).toContain(`records/${body.id}/notified.json`);
      expect(await runTool('find', [join(house.dataDir, 'work'), '-type', 'f'], { timeoutMs: 5000 })).toBe('');
    });
  });
});

/** Size as another reader than our own sees it. */
async function sizeOf(body: Buffer, contentType: string): Promise<{ width: number; height: number }> {
  if (contentType.startsWith('image/')) {
    const { width, height } = await sharp(body).metadata();
    return { width, height };
  }
  const file = join(media.path, 'probed.mp4');
  await writeFile(file, body);
  const size = ['-select_streams', 'v:0', '-show_entries', 'stream=width,height', '-of', 'csv=p=0'];
  const [width, height] = (await runTool('ffprobe', ['-v', 'error', ...size, file], { timeoutMs: 5000 })).split(',');
  return { width: Number(width), height: Number(height) };
}
