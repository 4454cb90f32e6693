/** A transcoder dies, or loses Redis, at the worst moment: nothing is rendered or settled twice, and the order holds. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import type { BatchView } from '../../services/upload/views.ts';
import { readDeadLetters } from '../../shared/ledger/dead-letters.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { enqueueRender, lastTryJobId } from '../../shared/queues.ts';
import { processesOf } from '../support/command-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { householdOf } from '../support/household.ts';
import { outOfOrder } from '../support/order.ts';
import { startProxy } from '../support/proxy.ts';
import { listKeys } from '../support/stored.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const instructor = 'ada@example.org';
let directory: TemporaryDirectory;
let clip: Buffer;

beforeAll(async () => {
  directory = await temporaryDirectory();
  clip = await readFile(await makeVideo({ file: join(directory.path, 'clip.mp4') }));
  return () => directory[Symbol.asyncDispose]();
});

const send = async ({ client }: Fleet, files: number) =>
  (
    await client.sendBatch(
      { instructor },
      Array.from({ length: files }, (_, index) => ({ name: `${index}.mp4`, content: clip })),
    )
  ).body;

/** Those that run. */
const ffmpegs = async ({ door }: Fleet) =>
  (await processesOf(dirname(door.storageDirectory))).filter((line) => /[ /]ffmpeg /.test(line));

const rendering = ({ ffmpeg }: Fleet, render: number) =>
  eventually(async () => expect(await ffmpeg.renders()).toBe(render), { within: 15_000 });

const counted = async ({ door }: Fleet, name: string) =>
  Number((await door.ledger.redis.hget(ledgerKey.counters, name)) ?? 0);

const states = ({ uploads }: BatchView) => uploads.map(({ state, attempts }) => `${state} ${attempts}`);

it('killed between the settle and the end of its job: neither rendered nor settled again', async () => {
  await using fleet = await startFleet();
  const { door } = fleet;
  let victim: number | undefined;
  await using proxy = await startProxy(
    fleet.redis.url,
    (answer) => answer,
    (request) => {
      if (victim === undefined || !request.includes(':transcode:completed')) return 'passed';
      process.kill(victim, 'SIGKILL');
      return 'kept';
    },
  );
  const killed = await fleet.transcoder('a', { REDIS_URL: proxy.url });
  victim = killed.pid;
  const batch = await send(fleet, 1);
  expect(await killed.ended).toBe('SIGKILL');
  const settled = (await fleet.client.readBatch(batch.id)).body;
  expect([settled.state, ...states(settled)]).toEqual(['finished', 'ready 1']);
  expect((await door.transcode.getActive()).map(({ id }) => id)).toEqual([batch.uploads[0]?.id]);

  await fleet.transcoder('a');
  await eventually(async () => expect(await door.transcode.getCompletedCount()).toBe(1), { within: 10_000 });
  expect((await fleet.client.readBatch(batch.id)).body).toEqual(settled);
  expect(await fleet.ffmpeg.renders()).toBe(1);
  expect(await counted(fleet, 'settled:ready')).toBe(1);
  expect((await door.notification.getJobs()).map(({ id }) => id)).toEqual([`notify-${batch.id}`]);
});

it('takes a job whose upload was refused, because the door died before it removed that: nothing to do', async () => {
  await using fleet = await startFleet();
  const { door } = fleet;
  await enqueueRender(door.transcode, { batch: 'sealed', id: 'refused', round: 0 });
  const batch = await send(fleet, 1);
  await fleet.transcoder('a');
  expect(states(await fleet.finished(batch.id))).toEqual(['ready 1']);
  expect(await (await door.transcode.getJob('refused'))?.getState()).toBe('completed');
  expect(await fleet.ffmpeg.renders()).toBe(1);
  expect(await readDeadLetters(door.ledger)).toEqual([]);
});

it('killed and not started again: another one takes the file up when the lease has ended, before all others', async () => {
  await using fleet = await startFleet({ LEASE_MS: '2000' });
  const pids = { a: (await fleet.transcoder('a')).pid, b: (await fleet.transcoder('b')).pid };
  await fleet.ffmpeg.setFates(clip.length, ['slow']);
  const batch = await send(fleet, 3);
  await rendering(fleet, 1);
  const startedAt = (await fleet.client.readBatch(batch.id)).body.uploads[0]?.startedAt;
  const busy = await fleet.busy();
  process.kill(busy === 'a' ? pids.a : pids.b, 'SIGKILL');
  const done = await fleet.finished(batch.id);
  expect(states(done)).toEqual(Array(3).fill('ready 1'));
  expect(done.uploads[0]?.startedAt).toBe(startedAt);
  expect(outOfOrder(done.uploads)).toEqual([]);
  expect(await fleet.ffmpeg.renders()).toBe(4);
  expect(await fleet.ffmpeg.overlaps()).toEqual([]);
  expect(await counted(fleet, 'deaths')).toBe(1);
});

it('killed over a dead letter once too often: its queue fails the job, and the upload settles all the same', async () => {
  await using fleet = await startFleet({ LEASE_MS: '1500', RETRY_ATTEMPTS: '1' });
  const { door } = fleet;
  const household = householdOf(door);
  const first = await fleet.transcoder('a');
  await fleet.ffmpeg.setFates(clip.length, ['killed', 'slow']);
  const batch = await send(fleet, 1);
  const [{ id = '' } = {}] = batch.uploads;
  await rendering(fleet, 2);
  // As often as BullMQ lets it.
  const job = lastTryJobId({ batch: batch.id, id, round: 0 });
  await door.ledger.redis.hset(household.deadLetter.toKey(job), 'stc', 20);
  process.kill(first.pid, 'SIGKILL');
  await fleet.transcoder('b');
  const done = await fleet.finished(batch.id);
  expect(states(done)).toEqual(['failed 2']);
  expect(await fleet.ffmpeg.renders()).toBe(2);
  expect(await readDeadLetters(door.ledger)).toMatchObject([
    { id, state: 'discarded', reason: done.uploads[0]?.reason },
  ]);
  expect((await household.deadLetter.getFailed()).map((failed) => failed.id)).toEqual([job]);
  const asked = (await door.notification.getJobs()).map((one) => one.id);
  expect(asked.toSorted()).toEqual(['alert-operator', `notify-${batch.id}`]);
  await household.deadLetter.close();
});

it('without Redis for longer than its lease: stops the render before that ends, and renders once when it is back', async () => {
  const leaseMs = 3_000;
  await using fleet = await startFleet({ LEASE_MS: String(leaseMs) });
  for (const name of ['a', 'b']) await fleet.transcoder(name);
  const renders = () => ffmpegs(fleet);
  await fleet.ffmpeg.setFates(clip.length, ['slow']);
  const batch = await send(fleet, 2);
  await rendering(fleet, 1);
  process.kill(fleet.redis.pid, 'SIGSTOP');
  const stoppedAt = Date.now();
  try {
    expect(await renders()).toHaveLength(1);
    await eventually(async () => expect(await renders()).toEqual([]), { within: leaseMs });
    expect(Date.now() - stoppedAt).toBeLessThan(leaseMs);
    await pause(stoppedAt + leaseMs + 300 - Date.now());
  } finally {
    process.kill(fleet.redis.pid, 'SIGCONT');
  }
  const done = await fleet.finished(batch.id);
  expect(states(done)).toEqual(Array(2).fill('ready 1'));
  expect(outOfOrder(done.uploads)).toEqual([]);
  expect(await fleet.ffmpeg.renders()).toBe(3);
  expect(await fleet.ffmpeg.overlaps()).toEqual([]);
  const attempts = (await listKeys(fleet.door.storage, `media/${batch.id}/`)).map((key) =>
    key.split('/').slice(2, 4).join(),
  );
  expect(new Set(attempts.filter((attempt) => !attempt.endsWith('manifest.json'))).size).toBe(2);
});

it('with a Redis that has no memory left: nothing fails because of it, and work goes on when it has some again', async () => {
  await using fleet = await startFleet();
  const { redis } = fleet.door.ledger;
  await fleet.transcoder('a');
  await fleet.ffmpeg.setFates(clip.length, ['slow']);
  const batch = await send(fleet, 2);
  await rendering(fleet, 1);
  await redis.config('SET', 'maxmemory', '1');
  await eventually(async () => expect(await ffmpegs(fleet)).toEqual([]), { within: 15_000 });
  // Long enough for what an error would do.
  await pause(1_500);
  const state = (id: string) => redis.hget(ledgerKey.upload(id), 'state');
  expect(await Promise.all(batch.uploads.map(({ id }) => state(id)))).toEqual(['processing', 'queued']);
  await redis.config('SET', 'maxmemory', '0');
  const done = await fleet.finished(batch.id);
  expect(states(done)).toEqual(Array(2).fill('ready 1'));
  expect(outOfOrder(done.uploads)).toEqual([]);
  expect(await readDeadLetters(fleet.door.ledger)).toEqual([]);
  expect(await fleet.ffmpeg.overlaps()).toEqual([]);
});
