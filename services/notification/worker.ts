/** The usher's worker: one mail at a time. The ledger says which are due; the queue makes sure that they are tried. */
import { type Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { dueBatches } from '../../shared/ledger/notified.ts';
import { announceFinished, dispatch, type Handlers } from '../../shared/queues.ts';
import { KEY_PREFIX } from '../../shared/redis.ts';
import type { Desk } from './desk.ts';
import { notifyInstructor } from './notify-instructor.ts';

/** How often batches are looked for whose mail is due though nobody asked for it (a crash between settle and ask). */
const SWEEP_MS = 60_000;

export async function startWorker(desk: Desk, queue: Queue, connection: Redis): Promise<{ stop(): Promise<void> }> {
  const { log } = desk;
  const handlers: Handlers<'notification', undefined> = {
    'batch-finished': ({ batch }) => notifyInstructor(desk, batch),
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

  const sweep = async () => {
    for (const batch of await dueBatches(desk.ledger)) await announceFinished(queue, batch);
  };
  await sweep();
  const sweeping = setInterval(() => {
    sweep().catch((error) => log.warn({ err: error }, 'the sweep for due mails failed'));
  }, SWEEP_MS);

  return {
    async stop() {
      clearInterval(sweeping);
      await worker.close();
    },
  };
}
