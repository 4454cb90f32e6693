/** What becomes of a file that cannot be rendered: tries in place, the dead letter's last try, replay, outages. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImage, makeVideo } from '../../fixtures/make.ts';
import type { BatchView } from '../../services/upload/views.ts';
import { readDeadLetters } from '../../shared/ledger/dead-letters.ts';
import { type Ledger, openLedger } from '../../shared/ledger/ledger.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue } from '../../shared/queues.ts';
import { connectRedis } from '../../shared/redis.ts';
import { eventually } from '../support/eventually.ts';
import { type FaultyFfmpeg, faultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import { type House, startHouse } from '../support/house.ts';
import { mp4Like } from '../support/samples.ts';
import { startService } from '../support/service.ts';
import { listKeys } from '../support/stored.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const instructor = 'ada@example.org';
const operator = 'operator@example.org';
const broken = mp4Like(5000);
let directory: TemporaryDirectory;
let clip: Buffer;
let picture: Buffer;
/** The clip, cut off, and with nothing but noise in it. */
let cutOff: Buffer;
let noise: Buffer;
let ffmpeg: FaultyFfmpeg;
let house: House;

beforeAll(async () => {
  directory = await temporaryDirectory();
  clip = await readFile(
    await makeVideo({ file: join(directory.path, 'clip.mp4'), width: 320, height: 180, seconds: 2 }),
  );
  cutOff = clip.subarray(0, Math.round(clip.length * 0.6));
  noise = Buffer.from(clip).fill(0xff, clip.indexOf('mdat') + 4);
  picture = await readFile(await makeImage({ file: join(directory.path, 'picture.jpg'), width: 400, height: 300 }));
  ffmpeg = await faultyFfmpeg(join(directory.path, 'bin'));
  house = await startHouse({
    ...ffmpeg.env,
    RETRY_ATTEMPTS: '3',
    RETRY_BASE_MS: '400',
    OPERATOR_EMAIL: operator,
    ALERT_GATHER_SECONDS: '0',
    WORKER_NAME: 'a',
    LEASE_MS: '4000',
    LEASE_RENEW_MS: '500',
    STALLED_CHECK_MS: '500',
    RECONCILE_SECONDS: '5',
  });
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

async function send(...names: string[]): Promise<BatchView> {
  const contents: Record<string, Buffer> = { clip, picture, broken, cutOff, noise };
  const files = names.map((name, index) => ({
    name: `${index}-${name}.bin`,
    content: contents[name] ?? Buffer.alloc(0),
  }));
  return (await house.client.sendBatch({ instructor }, files)).body;
}

const states = ({ uploads }: BatchView) => uploads.map(({ state, attempts }) => `${state} ${attempts}`);
const upload = async (batch: BatchView, index: number) => {
  const { body } = await house.client.readBatch(batch.id);
  const found = body.uploads[index];
  if (!found) throw new Error(`no upload ${index}`);
  return found;
};
const mailsTo = async (address: string) =>
  (await house.mails()).filter(({ to }) => [to].flat().some((one) => one?.text.includes(address)));

async function withLedger<T>(use: (ledger: Ledger, redis: ReturnType<typeof connectRedis>) => Promise<T>): Promise<T> {
  const redis = connectRedis(house.env['REDIS_URL'] ?? '', 'ask', createLogger('test', { logLevel: 'silent' }));
  try {
    return await use(openLedger(redis), redis);
  } finally {
    redis.disconnect();
  }
}

it('tries a render that the kernel killed again in place, with what failed shown, and holds the order', async () => {
  await ffmpeg.setFates(clip.length, ['killed', 'killed']);
  const batch = await send('clip', 'picture', 'picture');
  await eventually(async () => expect(await upload(batch, 0)).toMatchObject({ attempts: 2, state: 'processing' }), {
    within: 10_000,
  });
  expect((await upload(batch, 0)).reason).toContain('Something went wrong on our side');
  const finished = await house.notified(batch.id);
  expect(states(finished)).toEqual(['ready 3', 'ready 1', 'ready 1']);
  expect(finished.uploads[0]?.reason).toBeUndefined();
  const [first, second, third] = finished.uploads;
  expect([first?.settledAt, second?.startedAt, second?.settledAt, third?.startedAt].map(String)).toEqual(
    [first?.settledAt, second?.startedAt, second?.settledAt, third?.startedAt].map(String).toSorted(),
  );
});

it('takes a crash for the machine once, then for the file, whose last try may succeed', async () => {
  await ffmpeg.setFates(clip.length, ['crash', 'crash']);
  const batch = await send('clip');
  const finished = await house.notified(batch.id);
  expect(states(finished)).toEqual(['ready 3']);
  expect(await withLedger(readDeadLetters)).toEqual([]);
});

it('gives a broken file its last try next, discards it, keeps it for the operator, who is told', async () => {
  await ffmpeg.setFates(clip.length, []);
  const batch = await send('broken', 'clip', 'clip', 'picture');
  const finished = await house.notified(batch.id);
  expect(states(finished)).toEqual(['failed 2', 'ready 1', 'ready 1', 'ready 1']);
  const [failed, second, third] = finished.uploads;
  // Not after the whole queue: at most the render that was running comes before.
  expect(failed?.settledAt && third?.startedAt && failed.settledAt <= third.startedAt).toBe(true);
  expect(failed?.startedAt && second?.startedAt && failed.startedAt <= second.startedAt).toBe(true);
  const [mail] = (await mailsTo(instructor)).filter(({ messageId }) => messageId?.includes(batch.id));
  expect(mail?.text).toContain(failed?.reason);
  const letter = (await withLedger(readDeadLetters)).find(({ id }) => id === failed?.id);
  expect(letter).toMatchObject({ id: failed?.id, state: 'discarded', reason: failed?.reason, attempts: 2 });
  expect(letter?.kind === 'render' && letter.toolOutput).toContain('moov');
  await eventually(async () => expect((await mailsTo(operator)).map(({ text }) => text).join()).toContain(failed?.id), {
    within: 10_000,
  });
  const kept = await withLedger(async (_ledger, redis) => (await openQueue('dead-letter', redis).getFailed()).length);
  expect(kept).toBe(1);
  expect(await listKeys(house.storage, `records/${batch.id}/${failed?.id}`)).toHaveLength(1);
});

it('rescues what there is of a file that was cut off: ready with a warning, which the mail repeats', async () => {
  const batch = await send('cutOff', 'picture');
  const finished = await house.notified(batch.id);
  expect(states(finished)).toEqual(['ready 2', 'ready 1']);
  const [rescued, whole] = finished.uploads;
  expect(rescued?.warning).toMatch(/^The file is damaged: only the first 1\.\d of 2\.\d seconds could be rendered\.$/);
  expect(rescued?.reason).toBeUndefined();
  expect(rescued?.variants?.map(({ name }) => name)).toEqual([
    '180p',
    '180p',
    'master',
    'poster',
    'thumbnail',
    'storyboard',
    'storyboard',
  ]);
  expect(whole?.warning).toBeUndefined();
  const [mail] = await mailsAbout(batch.id);
  expect(mail?.text).toContain(rescued?.warning);
  expect((await withLedger(readDeadLetters)).map(({ id }) => id)).not.toContain(rescued?.id);
});

it('gives the reason of the first failure, not that of the rescue', async () => {
  const batch = await send('noise');
  const finished = await house.notified(batch.id);
  expect(states(finished)).toEqual(['failed 2']);
  const [failed] = finished.uploads;
  expect(failed?.reason).toMatch(/^The file is damaged or is not what it seems to be/);
  const [mail] = await mailsAbout(batch.id);
  expect(mail?.text).toContain(failed?.reason);
  expect(mail?.text).not.toContain('nothing in this file');
});

it('renders a discarded file again when the operator says so, and mails about it alone', async () => {
  await ffmpeg.setFates(clip.length, ['killed', 'killed', 'killed', 'killed']);
  const batch = await send('clip');
  const finished = await house.notified(batch.id);
  expect(states(finished)).toEqual(['failed 4']);
  const { id = '', startedAt } = finished.uploads[0] ?? {};
  const replay = () => fetch(`${house.url}/admin/dead-letters/${id}/replay`, { method: 'POST' });
  expect((await replay()).status).toBe(202);
  await eventually(async () => expect((await upload(batch, 0)).state).toBe('ready'), { within: 15_000 });
  expect((await upload(batch, 0)).startedAt).toBe(startedAt);
  // It is ready: there is nothing to replay.
  expect((await replay()).status).toBe(409);
  expect((await house.client.readBatch(batch.id)).body.finishedAt).toBe(finished.finishedAt);
  await eventually(async () => expect(await mailsAbout(id)).toHaveLength(1), { within: 10_000 });
  expect(await mailsAbout(batch.id)).toHaveLength(1);
  expect(await listKeys(house.storage, `records/${batch.id}/${id}`)).toEqual([]);
});
const mailsAbout = async (id: string) => (await mailsTo(instructor)).filter(({ messageId }) => messageId?.includes(id));

it('waits in place while the storage is away: no attempt used, nothing discarded, and says so', async () => {
  // The pauses before the further tries are when it goes away.
  await ffmpeg.setFates(clip.length, ['killed', 'killed']);
  const batch = await send('clip', 'picture');
  const storage = join(house.dataDir, 'storage');
  await rename(storage, `${storage}-away`);
  await eventually(async () => expect((await upload(batch, 0)).waitingFor).toContain('storage'), { within: 10_000 });
  expect((await upload(batch, 0)).state).toBe('processing');
  await rename(`${storage}-away`, storage);
  const finished = await house.notified(batch.id);
  expect(states(finished)).toEqual(['ready 3', 'ready 1']);
  expect(finished.uploads[0]?.waitingFor).toBeUndefined();
});

describe('two transcoders', () => {
  it('never both publish: the one that was frozen beyond its lease finds that another did', async () => {
    await ffmpeg.setFates(clip.length, []);
    await using other = await startService('transcoder', {
      ...house.env,
      ...ffmpeg.env,
      WORKER_NAME: 'b',
      LOG_LEVEL: 'fatal',
      WORK_DIR: join(directory.path, 'work-b'),
    });
    const pidFile = join(house.dataDir, 'run', 'transcoder.pid');
    const first = Number(await readFile(pidFile, 'utf8'));
    const batch = await send('clip', 'picture');
    await eventually(async () => expect((await upload(batch, 0)).progress).toBeGreaterThan(-1), { within: 10_000 });
    await eventually(async () => expect((await upload(batch, 0)).state).toBe('processing'), { within: 10_000 });
    const frozen = [first, other.pid];
    // Whichever of the two has it: the other one finishes it.
    const holder = await withLedger((_ledger, redis) => redis.zrange('{projectionist}:ledger:slots', 0, -1));
    const pid = holder[0]?.startsWith('b/') ? frozen[1] : frozen[0];
    if (pid === undefined) throw new Error('nobody holds the slot');
    process.kill(pid, 'SIGSTOP');
    try {
      await eventually(async () => expect((await upload(batch, 0)).state).toBe('ready'), { within: 20_000 });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const finished = await house.notified(batch.id);
    expect(states(finished)).toEqual(['ready 1', 'ready 1']);
    await eventually(
      async () => {
        const attempts = (await listKeys(house.storage, `media/${batch.id}/0`)).map((key) => key.split('/')[3]);
        expect(new Set(attempts.filter((attempt) => attempt !== 'manifest.json')).size).toBe(2);
      },
      { within: 10_000 },
    );
  });
});
