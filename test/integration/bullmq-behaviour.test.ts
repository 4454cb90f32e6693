/** What this house takes from BullMQ 6.7 beyond its documents: an upgrade that changes any of it must be noticed here. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Job, type Processor, type Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { giveBackFormerJobs } from '../../shared/former-jobs.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue, renderJob } from '../../shared/queues.ts';
import { connectRedis, KEY_PREFIX } from '../../shared/redis.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis.ts';

const within = { within: 5_000 };
const never = () => new Promise<void>(() => {});

let connection: Redis;
let queue: Queue;

beforeAll(async () => {
  const redis = await startRedis();
  connection = connectRedis(redis.url, 'work', createLogger('test', { logLevel: 'silent' }));
  queue = openQueue('transcode', connection);
  return async () => {
    await queue.close();
    connection.disconnect();
    await redis[Symbol.asyncDispose]();
  };
});
beforeEach(async () => {
  await connection.flushdb();
});

interface Work extends AsyncDisposable {
  /** Ids of the jobs that the processor was called with, in order. */
  readonly begun: string[];
  /** What its `failed` events said. */
  readonly failed: { readonly id: string | undefined; readonly message: string; readonly ended: boolean }[];
}

/** A worker set up as the booth's, with these differences. It is left without waiting for its job when disposed. */
async function work(processor: Processor, options: object = {}): Promise<Work> {
  const begun: string[] = [];
  const noted: Processor = async (job, token, signal) => {
    begun.push(job.id ?? '');
    return processor(job, token, signal);
  };
  const worker = new Worker(queue.name, noted, {
    connection,
    prefix: KEY_PREFIX,
    name: 'a',
    concurrency: 1,
    lockDuration: 1_000,
    stalledInterval: 200,
    maxStalledCount: 20,
    drainDelay: 1,
    ...options,
  });
  const failed: Work['failed'] = [];
  worker.on('failed', (job, { message }) =>
    failed.push({ id: job?.id, message, ended: job?.finishedOn !== undefined }),
  );
  worker.on('error', () => {});
  await worker.waitUntilReady();
  return { begun, failed, [Symbol.asyncDispose]: () => worker.close(true) };
}

const add = async (...ids: string[]) => {
  for (const jobId of ids) await queue.add('render', { upload: jobId }, { jobId, attempts: 1, removeOnFail: false });
};
const waiting = async () => (await queue.getWaiting()).map(({ id }) => id);
const job = async (id: string): Promise<Job> => {
  const found = await queue.getJob(id);
  if (!found) throw new Error(`no job ${id}`);
  return found;
};
/** As after kill -9: the job is active, nobody renews its lock, which has run out. */
async function orphan(id: string): Promise<void> {
  {
    await using dying = await work(never, { name: 'dead', skipStalledCheck: true });
    await eventually(() => expect(dying.begun).toEqual([id]), within);
  }
  await connection.del(queue.toKey(`${id}:lock`));
  expect((await queue.getActive()).map((active) => active.id)).toEqual([id]);
}

describe('a job that is moved back to the queue by its own processor', () => {
  it('stands at the head, with no attempt and no stall counted', async () => {
    await add('a', 'b', 'c');
    let calls = 0;
    await using _one = await work(async (job, token) => {
      if (calls++ > 0) return never();
      await queue.pause();
      await job.moveToWait(token);
      throw new WaitingError();
    });
    await eventually(async () => expect(await queue.getActiveCount()).toBe(0), within);
    expect(await waiting()).toEqual(['a', 'b', 'c']);
    expect(await job('a')).toMatchObject({ attemptsMade: 0, stalledCounter: 0 });
    expect(await queue.getFailedCount()).toBe(0);
  });

  it('is not moved without the token of its lock', async () => {
    await add('a');
    await using one = await work(never);
    await eventually(() => expect(one.begun).toEqual(['a']), within);
    await expect((await job('a')).moveToWait('another')).rejects.toThrow('Lock mismatch');
    expect(await queue.getActiveCount()).toBe(1);
  });
});

describe('with a global concurrency of one', () => {
  beforeEach(() => queue.setGlobalConcurrency(1));

  it('nothing is handed out beside a job whose worker is dead, and that goes first when its lock has run out', async () => {
    await add('a', 'b');
    await orphan('a');
    await connection.set(queue.toKey('a:lock'), 'of the dead', 'PX', 700);
    const lockedUntil = Date.now() + 650;
    const begunAt: number[] = [];
    await using other = await work(async () => void begunAt.push(Date.now()));
    await eventually(() => expect(other.begun).toEqual(['a', 'b']), within);
    expect(begunAt[0]).toBeGreaterThan(lockedUntil);
    expect(await job('a')).toMatchObject({ attemptsMade: 1, stalledCounter: 1 });
  });

  it('the setting is lost with Redis, and nothing but setting it again brings it back', async () => {
    expect(await queue.getGlobalConcurrency()).toBe(1);
    await connection.flushdb();
    await add('a');
    expect(await queue.getGlobalConcurrency()).toBeNull();
  });
});

describe('taking up what a former process of the same name had', () => {
  it('works with a lock that was set over the old one, and leaves others what is theirs', async () => {
    await queue.setGlobalConcurrency(2);
    await add('a', 'b', 'c');
    await orphan('a');
    await connection.set(queue.toKey('a:lock'), 'of the dead', 'PX', 60_000);
    await using other = await work(never, { name: 'b' });
    await eventually(() => expect(other.begun).toEqual(['b']), within);
    const told: (string | undefined)[] = [];
    await giveBackFormerJobs(queue, connection, { workerName: 'dead', leaseMs: 1000 }, async ({ id }) => {
      told.push(id);
    });
    expect(told).toEqual(['a']);
    // The other one has room for it only when it has done with its own.
    expect(await waiting()).toEqual(['a', 'c']);
    expect((await queue.getActive()).map(({ id, processedBy }) => [id, processedBy])).toEqual([['b', 'b']]);
    expect(await connection.exists(queue.toKey('a:lock'))).toBe(0);
    expect(await job('a')).toMatchObject({ attemptsMade: 0, stalledCounter: 0 });
  });
});

describe('an id that is in the queue already', () => {
  it.each([
    ['waiting', async () => {}],
    [
      'active',
      async () => {
        await using one = await work(never);
        await eventually(() => expect(one.begun).toEqual(['a']), within);
      },
    ],
    [
      'completed',
      async () => {
        await using _one = await work(async () => {});
        await eventually(async () => expect(await (await job('a')).getState()).toBe('completed'), within);
      },
    ],
    [
      'failed',
      async () => {
        await using _one = await work(() => Promise.reject(new UnrecoverableError('no')));
        await eventually(async () => expect(await (await job('a')).getState()).toBe('failed'), within);
      },
    ],
  ])('makes adding it again nothing at all: %s', async (state, bringThere) => {
    await add('a');
    await bringThere();
    const before = await queue.getJobCounts();
    await queue.add('render', { upload: 'changed' }, { jobId: 'a' });
    expect(await (await job('a')).getState()).toBe(state);
    expect((await job('a')).data).toEqual({ upload: 'a' });
    expect(await queue.getJobCounts()).toEqual(before);
  });
});

describe('the signal that stops a job', () => {
  it.each<[string, (seen: (signal: unknown) => void) => Processor, boolean]>([
    ['three parameters', (seen) => async (_job, _token, signal) => seen(signal), true],
    [
      'two, and a third with a default',
      (seen) =>
        async (_job, _token, signal = undefined) =>
          seen(signal),
      false,
    ],
    [
      'as many as come',
      (seen) =>
        async (...given) =>
          seen(given[2]),
      false,
    ],
  ])('is given to a processor of %s', async (_what, processorThat, isGiven) => {
    await add('a');
    const given = Promise.withResolvers<unknown>();
    const worker = new Worker(queue.name, processorThat(given.resolve), { connection, prefix: KEY_PREFIX });
    try {
      expect((await given.promise) instanceof AbortSignal).toBe(isGiven);
    } finally {
      await worker.close();
    }
  });
});

describe('the layout of a queue', () => {
  it('has the head of the waiting list at its right end, and the payload as JSON in the hash of the job', async () => {
    await add('a', 'b', 'c');
    expect(await connection.lrange(queue.toKey('wait'), 0, -1)).toEqual(['c', 'b', 'a']);
    expect(JSON.parse((await connection.hget(queue.toKey('a'), 'data')) ?? '')).toEqual({ upload: 'a' });
    await using one = await work(never);
    await eventually(() => expect(one.begun).toEqual(['a']), within);
    expect(await connection.lrange(queue.toKey('active'), 0, -1)).toEqual(['a']);
    expect(await connection.exists(queue.toKey('a:lock'))).toBe(1);
  });

  it('has what failed in a sorted set of its name', async () => {
    await add('a');
    await using _one = await work(() => Promise.reject(new UnrecoverableError('no')));
    await eventually(async () => expect(await connection.zrange(queue.toKey('failed'), 0, -1)).toEqual(['a']), within);
  });
});

describe('a job that is added within a transaction', () => {
  const turn = { batch: 'batch', id: 'a', round: 0 };
  const addInTransaction = async () => {
    const transaction = (await queue.getBackend().client).multi();
    await renderJob(queue, turn).addJob(transaction, {});
    return (await transaction.exec())?.map(([error]) => error?.message.split(' ')[0]);
  };

  it('is as one that is added by itself, answers by one element, and wakes a worker that idles', async () => {
    await using one = await work(async () => {});
    expect(await addInTransaction()).toEqual([undefined]);
    await eventually(() => expect(one.begun).toEqual(['a']), { within: 900 });
    expect((await job('a')).data).toEqual({ version: 1, batch: 'batch', upload: 'a', round: 0 });
    expect(await addInTransaction()).toEqual([undefined]);
    expect(await queue.getJobCountByTypes('waiting', 'completed')).toBe(1);
  });
});

describe('a job that stalled more often than it may', () => {
  it('is failed by whoever fetches it next, which is told, and its processor never sees it', async () => {
    await queue.setGlobalConcurrency(1);
    await add('a', 'b');
    await orphan('a');
    await using one = await work(async () => {}, { maxStalledCount: 0 });
    await eventually(() => expect(one.begun).toEqual(['b']), within);
    const message = 'job stalled more than allowable limit';
    expect(one.failed).toEqual([{ id: 'a', message, ended: true }]);
    expect(await (await job('a')).getState()).toBe('failed');
    expect(await job('a')).toMatchObject({ failedReason: message, data: { upload: 'a' } });
  });
});

describe('the failed event of a worker', () => {
  it('comes with each failed try; only the last one has an end', async () => {
    await queue.add('render', {}, { jobId: 'a', attempts: 2, removeOnFail: false });
    await using one = await work(() => Promise.reject(new Error('no')));
    await eventually(() => expect(one.failed.map(({ ended }) => ended)).toEqual([false, true]), within);
  });
});

describe('a priority', () => {
  it('comes after none, also after what was delayed and has none', async () => {
    await queue.add('mail', {}, { jobId: 'mail', priority: 1 });
    await queue.add('alert', {}, { jobId: 'alert', delay: 300 });
    await queue.add('mail', {}, { jobId: 'mail-2', priority: 1 });
    await queue.pause();
    // A worker that comes before the delay is over sleeps for seconds when the queue is paused.
    await pause(350);
    await using one = await work(async () => {});
    await eventually(async () => expect(await queue.getDelayedCount()).toBe(0), within);
    await queue.resume();
    await eventually(() => expect(one.begun).toEqual(['alert', 'mail', 'mail-2']), within);
  });
});
