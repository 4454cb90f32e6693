/** The usher's worker: one mail at a time. The queue makes sure that each is tried until it is sent. */
import { type Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { dispatch, type Handlers } from '../../shared/queues.ts';
import { KEY_PREFIX } from '../../shared/redis.ts';
import type { Desk } from './desk.ts';
import { notifyInstructor } from './notify-instructor.ts';

export async function startWorker(desk: Desk, queue: Queue, connection: Redis): Promise<{ stop(): Promise<void> }> {
  const { log } = desk;
  const handlers: Handlers<'notification', undefined> = {
    'batch-finished': ({ batch }) => notifyInstructor(desk, batch),
    'file-settled': async () => {},
    'alert-operator': async () => {},
  };
  const worker = new Worker(queue.name, (job) => dispatch('notification', handlers, job, undefined), {
    connection,
    prefix: KEY_PREFIX,
    concurrency: 1,
  });
  worker.on('error', (error) => log.warn({ err: error }, `worker: ${error.message}`));
  worker.on('failed', (job, error) =>
    log.error({ err: error, job: job?.id, attempt: job?.attemptsMade }, error.message),
  );
  await worker.waitUntilReady();

  return {
    stop: () => worker.close(),
  };
}
