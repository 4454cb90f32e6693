/**
 * The transcoder's worker: one job at a time in upload order, over kills and restarts.
 * What BullMQ gives and what it does not was measured; the order rests on global concurrency, on the head of the queue
 * for what was interrupted, and on taking up one's own former job at start.
 */
import { randomUUID } from 'node:crypto';
import { type Job, type Queue, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { requeueUpload } from '../../shared/ledger/requeue.ts';
import { dispatch, type Handlers } from '../../shared/queues.ts';
import { KEY_PREFIX } from '../../shared/redis.ts';
import type { Booth } from './booth.ts';
import { type RenderRun, renderUpload } from './render-upload.ts';

/** A render survives so long without Redis. */
const LOCK_MS = 180_000;
const RENEW_LOCK_MS = 10_000;
/** The same for all workers of the queue: BullMQ keeps one throttle for all of them. */
const STALLED_CHECK_MS = 10_000;
/** Kills that one upload survives before it counts as what kills us. */
const MAX_STALLED = 20;
/** An idle worker looks at the queue at least this often, which bounds the hand-over from one to another, s. */
const DRAIN_DELAY_S = 1;

export interface TranscodeWorker {
  /** The running render is stopped and its job goes back to the head of the queue. */
  stop(): Promise<void>;
}

export async function startWorker(booth: Booth, queue: Queue, connection: Redis): Promise<TranscodeWorker> {
  const { log } = booth;
  const { workerName: name, transcodeConcurrency } = booth.config;
  const handlers: Handlers<'transcode', RenderRun> = {
    render: ({ batch, upload }, run) => renderUpload(booth, { batch, upload }, run),
  };
  let stopping = false;

  // BullMQ passes the signal only to a processor that declares three parameters.
  const process = async (job: Job, token: string | undefined, signal: AbortSignal | undefined) => {
    if (signal === undefined) throw new Error('BullMQ gave the job no signal to stop it by');
    try {
      signal.throwIfAborted();
      if (stopping) throw new Error('stopping');
      await dispatch('transcode', handlers, job, { attempt: job.attemptsMade + 1, signal });
    } catch (error) {
      if (!stopping) throw error;
      if (job.id !== undefined) await requeueUpload(booth.ledger, job.id);
      await job.moveToWait(token);
      throw new WaitingError();
    }
  };

  await queue.setGlobalConcurrency(transcodeConcurrency);
  await giveBackFormerJob(booth, queue, connection);
  const worker = new Worker(queue.name, process, {
    connection,
    prefix: KEY_PREFIX,
    name,
    concurrency: 1,
    lockDuration: LOCK_MS,
    lockRenewTime: RENEW_LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MAX_STALLED,
    drainDelay: DRAIN_DELAY_S,
  });
  worker.on('error', (error) => log.warn({ err: error }, `worker: ${error.message}`));
  worker.on('failed', (job, error) => log.error({ err: error, job: job?.id }, 'a job failed'));
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

/**
 * Gives the job that a killed process of this name was working on back to the head of the queue, at once: left alone,
 * its lock would keep the whole house waiting for minutes. The lock is taken over, because only its holder may move a job.
 */
async function giveBackFormerJob(booth: Booth, queue: Queue, connection: Redis): Promise<void> {
  for (const job of await queue.getActive()) {
    if (job.id === undefined || job.processedBy !== booth.config.workerName) continue;
    const token = randomUUID();
    await connection.set(queue.toKey(`${job.id}:lock`), token, 'PX', LOCK_MS);
    await requeueUpload(booth.ledger, job.id);
    await job.moveToWait(token);
    booth.log.warn(
      { upload: job.id },
      'a former process died over this upload, which is at the head of the queue again',
    );
  }
}
