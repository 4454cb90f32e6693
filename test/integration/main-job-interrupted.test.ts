/** The main job when a process dies or is stopped in the middle of it: nothing lost, nothing twice, the order kept. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeImage, makeVideo } from '../../fixtures/make.ts';
import type { BatchView } from '../../services/upload/views.ts';
import { readConfig } from '../../shared/config.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue } from '../../shared/queues.ts';
import { connectRedis } from '../../shared/redis.ts';
import { pidOf, processesOf } from '../support/command-process.ts';
import { drivers, makeStore } from '../support/drivers.ts';
import { eventually } from '../support/eventually.ts';
import { type House, startHouse } from '../support/house.ts';
import { listKeys } from '../support/stored.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const instructor = 'ada@example.org';
let media: TemporaryDirectory;
let long: Buffer;
let short: Buffer;

beforeAll(async () => {
  media = await temporaryDirectory();
  long = await readFile(await makeVideo({ file: join(media.path, 'long.mp4'), width: 854, height: 480, seconds: 12 }));
  short = await readFile(await makeImage({ file: join(media.path, 'short.jpg') }));
  return () => media[Symbol.asyncDispose]();
});

/** A batch whose first file takes seconds to render; resolves when that has got somewhere. */
async function sendUntilRendering({ client }: House): Promise<BatchView> {
  const { body } = await client.sendBatch({ instructor }, [
    { name: 'long.mp4', content: long },
    { name: 'second.jpg', content: short },
    { name: 'third.jpg', content: short },
  ]);
  await eventually(
    async () => {
      const [first] = (await client.readBatch(body.id)).body.uploads;
      if (!first || first.progress === 0) throw new Error(`no progress: ${JSON.stringify(first)}`);
      expect(first.progress).toBeLessThan(90);
    },
    { within: 20_000 },
  );
  return body;
}

async function expectWhole(house: House, batch: BatchView, startedAt: string | undefined) {
  const finished = await house.notified(batch.id);
  expect(finished.uploads.map(({ name, state, attempts, reason }) => ({ name, state, attempts, reason }))).toEqual(
    ['long.mp4', 'second.jpg', 'third.jpg'].map((name) => ({ name, state: 'ready', attempts: 1 })),
  );
  const started = finished.uploads.map((upload) => upload.startedAt ?? '');
  expect(started).toEqual([...started].sort());
  expect(started[0]).toBe(startedAt);
  expect(started[1] && started[1] >= (finished.uploads[0]?.settledAt ?? '9')).toBe(true);
  expect(await house.mails()).toHaveLength(1);
  // What the interrupted attempt may have stored is not there: all media of an upload are of one attempt.
  const attempts = (await listKeys(house.storage, `media/${batch.id}/`)).map((key) =>
    key.split('/').slice(2, 4).join(),
  );
  expect(new Set(attempts.filter((attempt) => !attempt.endsWith('manifest.json'))).size).toBe(3);
}

const firstStart = async ({ client }: House, batch: BatchView) =>
  (await client.readBatch(batch.id)).body.uploads[0]?.startedAt;

describe.each(drivers)('on $driver', ({ driver, need }) => {
  describe('a transcoder in mid-render', need, () => {
    it('that is killed with -9 takes its ffmpeg along and begins the same file again within 15 s', async () => {
      await using store = await makeStore(driver);
      await using house = await startHouse(store.env);
      const batch = await sendUntilRendering(house);
      const startedAt = await firstStart(house, batch);
      const ffmpegs = async () =>
        (await processesOf(house.dataDir)).filter((line) => /^\d+ (\S*\/)?ffmpeg /.test(line));
      const before = await ffmpegs();
      expect(before).toHaveLength(1);
      const killedAt = Date.now();
      process.kill(await pidOf('transcoder', house.dataDir), 'SIGKILL');
      await eventually(async () => expect(await ffmpegs()).not.toContain(before[0]), { within: 2000 });
      await eventually(async () => expect(await ffmpegs()).toHaveLength(1), { within: 15_000 });
      expect(Date.now() - killedAt).toBeLessThan(15_000);
      await expectWhole(house, batch, startedAt);
    });

    it('that gets SIGTERM gives the file back to the head of the queue and exits in time', async () => {
      await using store = await makeStore(driver);
      await using house = await startHouse(store.env);
      const batch = await sendUntilRendering(house);
      const startedAt = await firstStart(house, batch);
      const pid = await pidOf('transcoder', house.dataDir);
      process.kill(pid, 'SIGTERM');
      await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { within: 10_000 });
      const { uploads } = (await house.client.readBatch(batch.id)).body;
      // The supervisor may have started the next one already, which begins with the same file.
      expect(uploads.map(({ state, queuePosition }) => ({ state, queuePosition }))).toEqual(
        uploads[0]?.state === 'queued'
          ? [1, 2, 3].map((queuePosition) => ({ state: 'queued', queuePosition }))
          : [{ state: 'processing' }, ...[1, 2].map((queuePosition) => ({ state: 'queued', queuePosition }))],
      );
      await expectWhole(house, batch, startedAt);
    });

    it('goes on where it was when the whole house is stopped and started again', async () => {
      await using directory = await temporaryDirectory();
      await using store = await makeStore(driver);
      const env = { ...store.env, DATA_DIR: join(directory.path, 'data') };
      let batch: BatchView;
      let startedAt: string | undefined;
      {
        await using house = await startHouse(env);
        batch = await sendUntilRendering(house);
        startedAt = await firstStart(house, batch);
      }
      expect(await processesOf(env.DATA_DIR)).toEqual([]);
      await using house = await startHouse(env);
      await expectWhole(house, batch, startedAt);
    });
  });
});

it('sends the mail of a batch that finished while the notification service was dead, once', async () => {
  await using house = await startHouse();
  const batch = await sendUntilRendering(house);
  for (let kills = 0; kills < 3; kills++) {
    const pid = await eventually(() => pidOf('notification', house.dataDir), { within: 10_000 });
    process.kill(pid, 'SIGKILL');
    await eventually(async () => expect(await pidOf('notification', house.dataDir)).not.toBe(pid), { within: 10_000 });
  }
  await house.notified(batch.id);
  expect(await house.mails()).toHaveLength(1);

  // As after a crash between the mark in the ledger and the end of the job: the same work comes again.
  const redis = connectRedis(readConfig(house.env).redisUrl, 'ask', createLogger('test', { logLevel: 'silent' }));
  onTestFinished(() => redis.disconnect());
  const queue = openQueue('notification', redis);
  const again = await queue.add('batch-finished', { version: 1, batch: batch.id }, { jobId: 'again' });
  await eventually(async () => expect(await again.getState()).toBe('completed'), { within: 10_000 });
  expect(await house.mails()).toHaveLength(1);
});
