/** Pausing the house, and how it says it is. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'bullmq';
import { expect, it } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import { giveUpUpload } from '../../shared/ledger/give-up.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import { reportTranscoder } from '../../shared/ledger/transcoders.ts';
import { createLogger } from '../../shared/logger.ts';
import { enqueueLastTry } from '../../shared/queues.ts';
import { connectRedis, KEY_PREFIX } from '../../shared/redis.ts';
import { Client } from '../support/client.ts';
import { startDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { startFleet } from '../support/fleet.ts';
import { householdOf } from '../support/household.ts';
import { mp4Like } from '../support/samples.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

it('a paused house begins no render, of a dead letter neither, takes files, says so, and goes on in order', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  await reportTranscoder(door.ledger, { name: 'a', freeBytes: 1e12 });
  for (let times = 0; times < 2; times++) expect((await client.pauseQueue()).body).toEqual({ paused: true });
  expect((await client.houseHealth()).body).toMatchObject({ state: 'warning', reasons: ['The queue is paused.'] });

  const batch = (await client.openBatch({ instructor: 'ada@example.org' })).body.id;
  const uploads: string[] = [];
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) {
    uploads.push((await client.putUpload(batch, name, mp4Like(200))).body.id);
  }
  await door.deadLetter.add('last-try', {}, { jobId: 'dead' });
  await reconcile(householdOf(door));

  const begun: string[] = [];
  await using workers = new AsyncDisposableStack();
  for (const queue of [door.deadLetter, door.transcode]) {
    const connection = connectRedis(door.redisUrl, 'work', createLogger('test', { logLevel: 'silent' }));
    workers.defer(() => connection.disconnect());
    const worker = new Worker(queue.name, async ({ id = '' }) => void begun.push(id), {
      connection,
      prefix: KEY_PREFIX,
      drainDelay: 1,
    });
    workers.defer(() => worker.close(true));
    await worker.waitUntilReady();
  }
  // A worker that was asked has looked at the queue.
  for (let looked = 0; looked < 5; looked++) expect((await client.houseHealth()).body.queue?.backlog).toBe(3);
  expect(begun).toEqual([]);

  for (let times = 0; times < 2; times++) expect((await client.resumeQueue()).body).toEqual({ paused: false });
  await eventually(() => expect(begun).toHaveLength(4), { within: 10_000 });
  expect(begun.filter((id) => id !== 'dead')).toEqual(uploads);
  expect((await client.houseHealth()).body.state).toBe('healthy');
});

it('what a transcoder has fetched already begins no render either while the house is paused', async () => {
  await using directory = await temporaryDirectory();
  const clip = await readFile(await makeVideo({ file: join(directory.path, 'clip.mp4') }));
  await using fleet = await startFleet();
  const { client, door, ffmpeg } = fleet;
  const { ledger, transcode, deadLetter } = door;
  await ledger.redis.zadd(ledgerKey.slots, Date.now() + 60_000, 'x/first');
  const files = ['1.mp4', '2.mp4'].map((name) => ({ name, content: clip }));
  const batch = (await client.sendBatch({ instructor: 'ada@example.org' }, files)).body;
  const [, { id = '' } = {}] = batch.uploads;
  await startUpload(ledger, { upload: id, round: 0, run: 'r' }, 'first');
  await giveUpUpload(ledger, { upload: id, round: 0, run: 'r', reason: 'x', toolOutput: 'x', job: id });
  await transcode.remove(id);
  await enqueueLastTry(deadLetter, { batch: batch.id, id, round: 0 });
  await fleet.transcoder('a');
  const asking = async () => ledger.redis.zrange(ledgerKey.slotWishes, 0, -1, 'WITHSCORES');
  await eventually(async () => expect(await asking()).toHaveLength(4), { within: 10_000 });

  await client.pauseQueue();
  await ledger.redis.zrem(ledgerKey.slots, 'x/first');
  for (let times = 0; times < 5; times++) {
    const before = await asking();
    const askedAgain = async () => {
      const now = await asking();
      expect(now.filter((each) => /^\d+$/.test(each) && before.includes(each))).toEqual([]);
    };
    await eventually(askedAgain, { within: 5_000 });
  }
  expect([await ledger.redis.zcard(ledgerKey.slots), await ffmpeg.renders()]).toEqual([0, 0]);
  expect((await client.readBatch(batch.id)).body.uploads.map(({ attempts }) => attempts)).toEqual([0, 1]);

  await client.resumeQueue();
  await eventually(async () => expect((await client.readBatch(batch.id)).body.state).toBe('finished'), {
    within: 20_000,
  });
});

it('the house says what it was measured by', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  await reportTranscoder(door.ledger, { name: 'a', freeBytes: 5_000_000_000 });
  const batch = (await client.openBatch({ instructor: 'ada@example.org' })).body.id;
  await client.putUpload(batch, 'a.mp4', mp4Like(200));
  await eventually(
    async () =>
      expect((await client.houseHealth()).body).toEqual({
        state: 'healthy',
        reasons: [],
        queue: {
          whole: true,
          backlog: 1,
          oldestWaitingMs: expect.any(Number),
          settled: { count: 0, failed: 0, averageWaitMs: 0 },
          deadLetters: { waiting: 0, discarded: 0 },
          transcoders: [{ name: 'a', freeBytes: 5_000_000_000 }],
          paused: false,
        },
        storage: { answers: true, freeBytes: expect.any(Number), full: false },
      }),
    { within: 3000 },
  );
});
