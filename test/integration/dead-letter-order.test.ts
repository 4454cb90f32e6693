/** When a dead letter has its last try, and that it has one: beside a long queue, an outage, and a late sweeper. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'bullmq';
import { beforeAll, expect, it } from 'vitest';
import { makeImage, makeVideo } from '../../fixtures/make.ts';
import type { BatchView } from '../../services/upload/views.ts';
import { sweepFailedRenders } from '../../shared/dead-letters.ts';
import { readDeadLetters } from '../../shared/ledger/dead-letters.ts';
import { readUpload } from '../../shared/ledger/read.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import { createLogger } from '../../shared/logger.ts';
import { enqueueLastTry } from '../../shared/queues.ts';
import { connectRedis, KEY_PREFIX } from '../../shared/redis.ts';
import { startDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { householdOf } from '../support/household.ts';
import { openBatch } from '../support/open-batch.ts';
import { outOfOrder } from '../support/order.ts';
import { mp4Like } from '../support/samples.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const instructor = 'ada@example.org';
let directory: TemporaryDirectory;
let clip: Buffer;
let picture: Buffer;

beforeAll(async () => {
  directory = await temporaryDirectory();
  clip = await readFile(await makeVideo({ file: join(directory.path, 'clip.mp4') }));
  picture = await readFile(await makeImage({ file: join(directory.path, 'picture.jpg'), width: 400, height: 300 }));
  return () => directory[Symbol.asyncDispose]();
});

const send = async ({ client }: Fleet, ...contents: Buffer[]) =>
  (
    await client.sendBatch(
      { instructor },
      contents.map((content, index) => ({ name: `${index}`, content })),
    )
  ).body;

const states = ({ uploads }: BatchView) => uploads.map(({ state, attempts }) => `${state} ${attempts}`);

it('comes after the render that is running and before the rest, and the mail about it does not wait for the rest', async () => {
  await using fleet = await startFleet();
  const before = await send(fleet, clip);
  const broken = await send(fleet, mp4Like(5000));
  const rest = await send(fleet, picture, picture, picture, picture);
  await fleet.transcoder('a');
  const [first] = (await fleet.finished(before.id)).uploads;
  const failed = await fleet.finished(broken.id);
  const { uploads } = await fleet.finished(rest.id);
  expect([...states(failed), ...states({ ...rest, uploads })]).toEqual(['failed 2', ...uploads.map(() => 'ready 1')]);
  const [upload] = failed.uploads;
  expect((first?.settledAt ?? '9') <= (upload?.startedAt ?? '')).toBe(true);
  // The render that was running when it became a dead letter may have been the next one's, and no other.
  expect((failed.finishedAt ?? '9') <= (uploads[1]?.startedAt ?? '')).toBe(true);
  expect(outOfOrder(uploads)).toEqual([]);
  const mail = await fleet.door.notification.getJob(`notify-${broken.id}`);
  expect(mail && mail.timestamp < Date.parse(uploads[2]?.startedAt ?? '')).toBe(true);
});

it('waits in its last try while the storage is away, and so do the files behind it: nothing is discarded', async () => {
  await using fleet = await startFleet({ RETRY_ATTEMPTS: '1' });
  const { ffmpeg, client, door } = fleet;
  await fleet.transcoder('a');
  await ffmpeg.setFates(clip.length, ['killed', 'slow']);
  const batch = await send(fleet, clip, picture, picture, picture);
  await eventually(async () => expect(await ffmpeg.renders()).toBe(2), { within: 15_000 });
  const away = `${door.storageDirectory}-away`;
  await rename(door.storageDirectory, away);
  const uploads = async () => (await client.readBatch(batch.id)).body.uploads;
  await eventually(async () => expect((await uploads())[0]?.waitingFor).toContain('storage'), { within: 15_000 });
  expect((await readDeadLetters(door.ledger)).map(({ state }) => state)).toEqual(['trying']);
  expect((await uploads()).slice(2).map(({ state }) => state)).toEqual(['queued', 'queued']);
  await rename(away, door.storageDirectory);
  expect(states(await fleet.finished(batch.id))).toEqual(['ready 2', 'ready 1', 'ready 1', 'ready 1']);
  expect(await readDeadLetters(door.ledger)).toEqual([]);
  expect(await ffmpeg.renders()).toBe(2);
});

it('is asked for again by a sweeper that is late, after it was made: there is one last try', async () => {
  await using door = await startDoor();
  const { client, id: batch } = await openBatch(door);
  const { ledger, transcode } = door;
  const { id } = (await client.putUpload(batch, 'a.mp4', mp4Like(200))).body;
  const household = householdOf(door);
  const { deadLetter } = household;
  await using owned = new AsyncDisposableStack();
  owned.defer(() => deadLetter.close());
  await startUpload(ledger, { upload: id, round: 0, run: 'first' }, 'first');
  await ledger.redis.lrem(transcode.toKey('wait'), 0, id);
  await ledger.redis.zadd(transcode.toKey('failed'), 1, id);
  // Both see the same failed job, and its dead letter waiting.
  const seen = await transcode.getFailed();
  const late = { ...household, transcode: Object.assign(Object.create(transcode), { getFailed: async () => seen }) };
  expect(await sweepFailedRenders(household)).toBe(1);

  const connection = connectRedis(door.redisUrl, 'work', createLogger('test', { logLevel: 'silent' }));
  owned.defer(() => connection.disconnect());
  let tries = 0;
  const worker = new Worker(
    deadLetter.name,
    async () => {
      tries++;
      await startUpload(ledger, { upload: id, round: 0, run: 'last' }, 'last');
      const upload = { id, batch, round: 0 };
      await settleUpload(
        ledger,
        { upload, run: 'last', keepOriginalsDays: 7 },
        { state: 'ready', kind: 'video', variants: [] },
      );
    },
    { connection, prefix: KEY_PREFIX },
  );
  owned.defer(() => worker.close());
  await eventually(async () => expect(await deadLetter.getCompletedCount()).toBe(1), { within: 5_000 });

  expect(await sweepFailedRenders(late)).toBe(0);
  await enqueueLastTry(deadLetter, { batch, id, round: 0 });
  expect(await deadLetter.getJobCounts('waiting', 'active', 'completed', 'failed')).toEqual({
    waiting: 0,
    active: 0,
    completed: 1,
    failed: 0,
  });
  expect(tries).toBe(1);
  expect((await readUpload(ledger, id))?.state).toBe('ready');
  expect(await readDeadLetters(ledger)).toEqual([]);
});
