/** Pausing the house, and how it says it is. */
import { Worker } from 'bullmq';
import { expect, it } from 'vitest';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import { reportTranscoder } from '../../shared/ledger/transcoders.ts';
import { createLogger } from '../../shared/logger.ts';
import { connectRedis, KEY_PREFIX } from '../../shared/redis.ts';
import { Client } from '../support/client.ts';
import { startDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { householdOf } from '../support/household.ts';
import { mp4Like } from '../support/samples.ts';

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
