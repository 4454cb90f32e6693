/**
 * A worker of the booth: one job at a time over kills and restarts, for either of the two queues.
 * What BullMQ gives and what it does not was measured; the order rests on global concurrency, on the head of the queue
 * for what was interrupted, and on taking up one's own former job at start.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Job, type Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { giveBackFormerJobs } from '../../shared/former-jobs.ts';
import { requeueUpload } from '../../shared/ledger/requeue.ts';
import { orderQueue } from '../../shared/ledger/restore.ts';
import { releaseSlot, slotHolder } from '../../shared/ledger/slots.ts';
import type { Logger } from '../../shared/logger.ts';
import { UnreadablePayload } from '../../shared/queues.ts';
import { KEY_PREFIX } from '../../shared/redis.ts';
import type { Booth } from './booth.ts';
import { awayDependency } from './next-step.ts';
import { LeaseLost, OutOfTurn } from './render-slot.ts';
import type { JobRun } from './render-upload.ts';

/** Kills that one upload survives where BullMQ finds its job; the ledger counts the others (render-upload.ts). */
const MAX_STALLED = 20;
/** Pause before a job is tried again that Redis would not let go on. */
const AGAIN_AFTER_MS = 1_000;
/** An idle worker looks at the queue at least this often, which bounds the hand-over from one to another, s. */
const DRAIN_DELAY_S = 1;

export interface RenderWorker {
  /** The running render is stopped and its job goes back to the head of the queue. */
  stop(): Promise<void>;
}

export interface RenderQueue {
  readonly queue: Queue;
  /** `first`: the main queue; `last`: dead letters. */
  readonly which: 'first' | 'last';
  /** Does the work of a job. */
  render(job: Job, run: JobRun): Promise<void>;
  /** Told after a job has failed for good. */
  onFailed(): Promise<void>;
}

export async function startWorker(booth: Booth, render: RenderQueue, connection: Redis): Promise<RenderWorker> {
  const { workerName: name, lease } = booth.config;
  const { queue } = render;
  const log = booth.log.child({ queue: queue.name });
  let stopping = false;

  // BullMQ passes the signal only to a processor that declares three parameters.
  const process = async (job: Job, token: string | undefined, signal: AbortSignal | undefined) => {
    if (signal === undefined || job.id === undefined) throw new Error('BullMQ gave the job no signal to stop it by');
    try {
      signal.throwIfAborted();
      if (stopping) throw new Error('stopping');
      await render.render(job, { job: job.id, run: randomBytes(6).toString('hex'), signal });
    } catch (error) {
      if (error instanceof UnreadablePayload) throw new UnrecoverableError(error.message);
      const away = awayDependency(error);
      const goesBack = error instanceof LeaseLost || error instanceof OutOfTurn;
      if (!stopping && !signal.aborted && !goesBack && away === undefined) throw error;
      const why = away ?? (error instanceof Error ? error.message : error);
      log.info({ job: job.id, why }, 'the job goes back to the queue');
      if (away !== undefined) await pause(AGAIN_AFTER_MS, undefined, { signal }).catch(() => {});
      await moveToHead(job, token, log);
      // Should this fail, it is out of turn once more.
      if (error instanceof OutOfTurn)
        await orderQueue(booth.ledger, queue).catch((failure) => log.warn({ err: failure }));
      throw new WaitingError();
    }
  };

  await giveBackFormerJob(booth, render, connection);
  const worker = new Worker(queue.name, process, {
    connection,
    prefix: KEY_PREFIX,
    name,
    concurrency: 1,
    lockDuration: lease.leaseMs,
    lockRenewTime: lease.renewMs,
    stalledInterval: lease.stalledCheckMs,
    maxStalledCount: MAX_STALLED,
    drainDelay: DRAIN_DELAY_S,
  });
  worker.on('error', (error) => log.warn({ err: error }, `worker: ${error.message}`));
  worker.on('failed', (job, error) => {
    log.info({ job: job?.id, reason: error.message }, 'the job failed for good');
    render.onFailed().catch((failure) => log.warn({ err: failure }, 'what failed was not swept up yet'));
  });
  await worker.waitUntilReady();

  return {
    async stop() {
      stopping = true;
      const closed = worker.close();
      worker.cancelAllJobs('the transcoder is stopping');
      await closed;
    },
  };
}

/** A Redis that takes nothing just now is asked until it does: a job that failed here would have failed for good. */
async function moveToHead(job: Job, token: string | undefined, log: Logger): Promise<void> {
  for (;;) {
    try {
      return void (await job.moveToWait(token));
    } catch (error) {
      if (awayDependency(error) === undefined) throw error;
      log.warn({ job: job.id, err: error }, 'the job could not be given back yet');
      await pause(AGAIN_AFTER_MS);
    }
  }
}

async function giveBackFormerJob(booth: Booth, { queue, which }: RenderQueue, connection: Redis): Promise<void> {
  const { workerName, lease } = booth.config;
  await releaseSlot(booth.ledger, slotHolder(workerName, which));
  await giveBackFormerJobs(queue, connection, { workerName, leaseMs: lease.leaseMs }, async (job) => {
    const { batch, upload } = job.data;
    await requeueUpload(booth.ledger, String(upload), undefined);
    const message = 'a former process died over this upload, which is at the head of the queue again';
    booth.log.warn({ batch, upload, job: job.id }, message);
  });
}
