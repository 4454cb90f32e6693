/** The ledger's transitions on a real Redis: what each changes, that repeating changes nothing, and who finishes a batch. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beginEpoch } from '../../shared/ledger/epoch.ts';
import { type Ledger, openLedger } from '../../shared/ledger/ledger.ts';
import { dueBatches, noteNotified } from '../../shared/ledger/notified.ts';
import { openBatch } from '../../shared/ledger/open.ts';
import { noteProgress } from '../../shared/ledger/progress.ts';
import { readBatch, readUpload } from '../../shared/ledger/read.ts';
import { type NewUpload, registerBatch, registerUpload } from '../../shared/ledger/register.ts';
import { requeueUpload } from '../../shared/ledger/requeue.ts';
import { sealBatch } from '../../shared/ledger/seal.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue } from '../../shared/queues.ts';
import { connectRedis } from '../../shared/redis.ts';
import { startRedis } from '../support/redis.ts';

let ledger: Ledger;
let queue: ReturnType<typeof openQueue>;

beforeAll(async () => {
  const redis = await startRedis();
  const connection = connectRedis(redis.url, 'ask', createLogger('test', { logLevel: 'silent' }));
  ledger = openLedger(connection);
  queue = openQueue('transcode', connection);
  return async () => {
    await queue.close();
    connection.disconnect();
    await redis[Symbol.asyncDispose]();
  };
});
beforeEach(async () => {
  await ledger.redis.flushdb();
  await beginEpoch(ledger, 'test');
});

const batch = { id: 'batch', title: 'Week 1', instructor: 'ada@example.org' };
const limits = { maxBatchFiles: 100 };
const upload = (id: string, more: Partial<NewUpload> = {}): NewUpload => ({
  id,
  batch: 'batch',
  name: `${id}.mp4`,
  bytes: 10,
  contentType: 'video/mp4',
  kind: 'video',
  original: `originals/batch/${id}`,
  ...more,
});
const register = (id: string, more?: Partial<NewUpload>) => registerUpload(ledger, queue, upload(id, more), limits);
const ready = { state: 'ready', kind: 'video', variants: [] } as const;
const keep = { keepOriginalsDays: 7 };
const failed = { state: 'failed', reason: 'It is not a video.' } as const;
const settling = (id: string, batch = 'batch') => ({ upload: { id, batch, round: 0 }, run: undefined, ...keep });
const settle = (id: string, outcome: typeof ready | typeof failed = ready) =>
  settleUpload(ledger, settling(id), outcome);
const turn = (upload: string, run = 'run') => ({ upload, run, round: 0 });
const start = (id: string, run?: string) => startUpload(ledger, turn(id, run), 'first');

describe('register', () => {
  it('refuses what the batch does not take, and leaves neither entry nor job', async () => {
    expect(await register('early')).toEqual({ outcome: 'unknown' });
    await openBatch(ledger, batch);
    await register('a');
    expect(await registerUpload(ledger, queue, upload('b'), { maxBatchFiles: 1 })).toEqual({ outcome: 'full' });
    await sealBatch(ledger, 'batch');
    expect(await register('late')).toEqual({ outcome: 'sealed' });
    expect((await readBatch(ledger, 'batch'))?.uploads.map(({ id }) => id)).toEqual(['a']);
    expect((await queue.getWaiting()).map((job) => job.id)).toEqual(['a']);
  });

  it('gives the same sequence and no second job when it is repeated', async () => {
    await openBatch(ledger, batch);
    expect(await register('a')).toEqual({ outcome: 'registered', sequence: 1 });
    expect(await register('b')).toEqual({ outcome: 'registered', sequence: 2 });
    expect(await register('a')).toEqual({ outcome: 'registered', sequence: 1 });
    expect(await queue.getWaitingCount()).toBe(2);
  });

  it('takes a whole batch at once, once', async () => {
    const uploads = ['a', 'b', 'c'].map((id) => upload(id));
    const named = { ...batch, idempotency: 'request' };
    const first = await registerBatch(ledger, queue, named, uploads);
    expect(first).toEqual({ outcome: 'registered', sequences: [1, 2, 3] });
    const again = uploads.map((one) => ({ ...one, id: `${one.id}2`, batch: 'batch2' }));
    expect(await registerBatch(ledger, queue, { ...named, id: 'batch2' }, again)).toEqual({
      outcome: 'repeat',
      batch: 'batch',
    });
    expect((await queue.getWaiting()).map((job) => job.id)).toEqual(['a', 'b', 'c']);
    expect(await readBatch(ledger, 'batch2')).toBeUndefined();
    expect((await readBatch(ledger, 'batch'))?.state).toBe('sealed');
  });
});

describe('start', () => {
  beforeEach(async () => {
    await openBatch(ledger, batch);
    await register('a');
    await register('b');
  });

  it('keeps the first start over a stop and a second start, and counts the attempt once', async () => {
    expect(await start('a')).toEqual({ outcome: 'started', attempt: 1, deaths: 0 });
    const first = await readUpload(ledger, 'a');
    expect(first).toMatchObject({ state: 'processing', attempts: 1 });
    expect(first?.queuePosition).toBeUndefined();
    expect((await readUpload(ledger, 'b'))?.queuePosition).toBe(1);

    await requeueUpload(ledger, 'a', 'run');
    expect(await readUpload(ledger, 'a')).toMatchObject({ state: 'queued', attempts: 0, queuePosition: 1 });
    expect((await readUpload(ledger, 'b'))?.queuePosition).toBe(2);
    await start('a', 'another');
    expect(await readUpload(ledger, 'a')).toMatchObject({ attempts: 1, startedAt: first?.startedAt });
  });

  it('knows what there is nothing to do about', async () => {
    expect(await start('none')).toEqual({ outcome: 'unknown' });
    await settle('a', failed);
    expect(await start('a')).toEqual({ outcome: 'settled' });
    expect(await readUpload(ledger, 'a')).toMatchObject({ state: 'failed', attempts: 0 });
  });

  it('notes progress only while it is processing', async () => {
    await noteProgress(ledger, turn('a'), { percent: 50 });
    expect((await readUpload(ledger, 'a'))?.progress).toBe(0);
    await start('a');
    await noteProgress(ledger, turn('a'), { percent: 50, speed: 2.5, etaSeconds: 12 });
    expect(await readUpload(ledger, 'a')).toMatchObject({ progress: 50, speed: 2.5, etaSeconds: 12 });
    await settle('a');
    await noteProgress(ledger, turn('a'), { percent: 60, speed: 1 });
    const settled = await readUpload(ledger, 'a');
    expect(settled).toMatchObject({ state: 'ready', progress: 100 });
    expect(settled?.speed).toBeUndefined();
  });
});

describe('a batch is finished', () => {
  it('by the last settle after the seal, once, with its mail due', async () => {
    await openBatch(ledger, batch);
    await register('a');
    await register('b');
    expect(await settle('a')).toBe('settled');
    expect(await sealBatch(ledger, 'batch')).toBe('sealed');
    expect(await dueBatches(ledger)).toEqual([]);
    expect(await settle('b', failed)).toBe('finished');
    const finished = await readBatch(ledger, 'batch');
    expect(finished).toMatchObject({
      state: 'finished',
      uploads: [{ state: 'ready' }, failed],
    });
    expect(await settle('b', ready)).toBe('finished');
    expect(await sealBatch(ledger, 'batch')).toBe('finished');
    expect(await readBatch(ledger, 'batch')).toEqual(finished);
    expect(await dueBatches(ledger)).toEqual(['batch']);
  });

  it('by the seal when all had settled before', async () => {
    await openBatch(ledger, batch);
    await register('a');
    await settle('a');
    expect(await sealBatch(ledger, 'batch')).toBe('finished');
    expect(await dueBatches(ledger)).toEqual(['batch']);
  });

  it('never while it is open or empty', async () => {
    await openBatch(ledger, batch);
    expect(await sealBatch(ledger, 'batch')).toBe('empty');
    await register('a');
    await settle('a');
    expect((await readBatch(ledger, 'batch'))?.state).toBe('open');
    expect(await sealBatch(ledger, 'none')).toBe('unknown');
    expect(await settle('none')).toBe('unknown');
  });

  it('exactly once in any interleaving of settles and seals, repeated at will', async () => {
    for (let round = 0; round < 30; round++) {
      const id = `batch-${round}`;
      const ids = ['a', 'b', 'c'].map((name) => `${id}-${name}`);
      await openBatch(ledger, { ...batch, id });
      for (const one of ids) await register(one, { batch: id });
      const settles = [...ids, ...ids].map((one) => () => settleUpload(ledger, settling(one, id), ready));
      const seals = [1, 2].map(() => () => sealBatch(ledger, id));
      const shuffled = [...settles, ...seals].sort(() => Math.random() - 0.5);
      await Promise.all(shuffled.map((run) => run()));
      expect((await readBatch(ledger, id))?.state).toBe('finished');
      expect((await dueBatches(ledger)).filter((due) => due === id)).toEqual([id]);
    }
  });

  it('and its mail stays noted at its first time', async () => {
    await openBatch(ledger, batch);
    await register('a');
    await settle('a');
    await sealBatch(ledger, 'batch');
    const at = await noteNotified(ledger, 'batch');
    expect(await dueBatches(ledger)).toEqual([]);
    expect(await noteNotified(ledger, 'batch')).toBe(at);
    expect((await readBatch(ledger, 'batch'))?.notifiedAt).toBe(at);
  });
});
