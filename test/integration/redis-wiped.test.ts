/** Redis loses everything under running services, or before they start: one recovery, and nobody works on half a ledger. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import { keepConcurrency } from '../../services/transcoder/keep-concurrency.ts';
import { readConfig } from '../../shared/config.ts';
import { currentEpoch } from '../../shared/ledger/epoch.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { takeSlot } from '../../shared/ledger/slots.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue } from '../../shared/queues.ts';
import { keepWhole } from '../../shared/recovery/keep-whole.ts';
import { recover } from '../../shared/recovery/recover.ts';
import { connectRedis } from '../../shared/redis.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { Client } from '../support/client.ts';
import { startDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { startFleet } from '../support/fleet.ts';
import { householdOf } from '../support/household.ts';
import { openBatch } from '../support/open-batch.ts';
import { startRedisProcess } from '../support/redis-process.ts';
import { mp4Like } from '../support/samples.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const instructor = 'ada@example.org';
const log = createLogger('test', { logLevel: 'silent' });

it('is wiped in mid-render: workers stand still, uploads get 503, then all goes on in its order', async () => {
  await using directory = await temporaryDirectory();
  const clip = await readFile(await makeVideo({ file: join(directory.path, 'clip.mp4') }));
  await using fleet = await startFleet();
  const { client, ffmpeg, door } = fleet;
  const { redis } = door.ledger;
  for (const name of ['a', 'b']) await fleet.transcoder(name);
  await ffmpeg.setFates(clip.length, ['slow']);
  const files = ['1.mp4', '2.mp4', '3.mp4'].map((name) => ({ name, content: clip }));
  const batch = (await client.sendBatch({ instructor }, files)).body;
  const open = (await client.openBatch({ instructor })).body;
  await eventually(async () => expect(await ffmpeg.renders()).toBe(1), { within: 10_000 });

  // Somebody recovers already, as far as the others can see, and is slow.
  const slowMs = 2_000;
  await redis.multi().flushall().set(ledgerKey.recovering, 'somebody', 'PX', slowMs).exec();
  const wipedAt = Date.now();
  await expect(client.putUpload(open.id, 'no.mp4', clip)).rejects.toMatchObject({ status: 503 });
  await expect(client.openBatch({ instructor })).rejects.toMatchObject({ status: 503 });
  while (Date.now() < wipedAt + slowMs - 200) {
    expect(await redis.zcard(ledgerKey.slots)).toBe(0);
    expect(await currentEpoch(door.ledger)).toBeUndefined();
    await pause(100);
  }
  expect(await ffmpeg.renders()).toBe(1);

  const next = await eventually(async () => (await client.putUpload(open.id, '4.mp4', clip)).body, { within: 10_000 });
  expect(next.sequence).toBe(4);
  const settled = await eventually(
    async () => {
      const uploads = [...(await client.readBatch(batch.id)).body.uploads, (await client.readUpload(next.id)).body];
      expect(uploads.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(Array(4).fill('ready 1'));
      return uploads;
    },
    { within: 45_000 },
  );
  for (const [index, { settledAt = '9' }] of settled.entries()) {
    expect(settledAt <= (settled[index + 1]?.startedAt ?? '9')).toBe(true);
  }
  expect(await ffmpeg.overlaps()).toEqual([]);
  expect(await ffmpeg.renders()).toBe(5);
  const household = householdOf(door);
  for (const queue of [door.transcode, household.deadLetter]) expect(await queue.getGlobalConcurrency()).toBe(1);
  await household.deadLetter.close();
});

it('gives nobody a render slot while the ledger is not whole', async () => {
  await using door = await startDoor();
  const wish = {
    ...{ holder: 'a/first', rank: 1, slots: 1, leaseMs: 1000, wishMs: 1000 },
    inItsTurn: undefined,
  };
  await door.ledger.redis.del(ledgerKey.epoch);
  expect(await takeSlot(door.ledger, wish)).toBe('wait');
  await door.ledger.redis.set(ledgerKey.epoch, 'again');
  expect(await takeSlot(door.ledger, wish)).toBe('taken');
});

it('is empty when several services start at once on a full bucket: one of them recovers, and no job is doubled', async () => {
  await using door = await startDoor();
  const { client, id } = await openBatch(door);
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) await client.putUpload(id, name, mp4Like(200));
  const order = (await door.transcode.getWaiting()).map((job) => job.id);
  await door.ledger.redis.flushdb();

  // The recovery is held where it has begun to read the bucket.
  const gate = Promise.withResolvers<void>();
  let readers = 0;
  const storage: Storage = {
    ...door.storage,
    async *list(prefix) {
      if (prefix === 'records/') readers++;
      await gate.promise;
      yield* door.storage.list(prefix);
    },
  };
  await using owned = new AsyncDisposableStack();
  let whole = 0;
  const services = [1, 2, 3].map(async () => {
    const redis = connectRedis(door.redisUrl, 'work', log);
    owned.defer(() => redis.disconnect());
    const house = { ledger: openLedger(redis), transcode: openQueue('transcode', redis), storage };
    await owned.use(keepWhole({ ...house, keepOriginalsDays: 7, log }, async () => void whole++)).whole;
  });
  await eventually(() => expect(readers).toBe(1), { within: 5_000 });
  await pause(300);
  expect(whole).toBe(0);
  await expect(client.putUpload(id, 'no.mp4', mp4Like(200))).rejects.toMatchObject({ status: 503 });
  gate.resolve();
  await Promise.all(services);
  expect([readers, whole]).toEqual([1, 3]);
  expect((await door.transcode.getWaiting()).map((job) => job.id)).toEqual(order);
  expect((await client.putUpload(id, 'd.mp4', mp4Like(200))).body.sequence).toBe(4);
});

it('loses how many jobs may be handed out at once, and is told again', async () => {
  await using door = await startDoor();
  const { transcode, deadLetter, log: silent } = householdOf(door);
  const config = { ...readConfig({}), transcodeConcurrency: 2 };
  using kept = keepConcurrency({ transcode, deadLetter, config, log: silent }, 50);
  await kept.set();
  for (const queue of [transcode, deadLetter]) {
    expect(await queue.getGlobalConcurrency()).toBe(2);
    await queue.removeGlobalConcurrency();
    await eventually(async () => expect(await queue.getGlobalConcurrency()).toBe(2), { within: 2_000 });
  }
  await deadLetter.close();
});

it('is rebuilt also when it has forgotten every script', async () => {
  await using door = await startDoor({}, startRedisProcess);
  const client = new Client(door.url);
  const { id } = (await client.openBatch({ instructor })).body;
  for (const name of ['a.mp4', 'b.mp4']) await client.putUpload(id, name, mp4Like(200));
  const order = (await door.transcode.getWaiting()).map((job) => job.id);
  const household = householdOf(door);
  await door.ledger.redis.flushall();
  await door.ledger.redis.script('FLUSH');
  await recover({ ...household, keepOriginalsDays: 7 });
  await household.deadLetter.close();
  expect((await door.transcode.getWaiting()).map((job) => job.id)).toEqual(order);
});
