/** What the house does again and again without being asked: job schedulers, so that a fleet does each once. */
import { type Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { giveBackFormerJobs } from '../../../shared/former-jobs.ts';
import { dispatch, type Handlers, type Payload } from '../../../shared/queues.ts';
import { KEY_PREFIX } from '../../../shared/redis.ts';
import { expireOriginals } from '../expire-originals.ts';
import { cleanUp } from './clean-up.ts';
import type { Household } from './household.ts';
import { reconcile } from './reconcile.ts';
import { watchHealth } from './watch-health.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LOCK_MS = 30_000;

type Chore = keyof Handlers<'maintenance', undefined>;

export interface MaintenanceWorker {
  /** Schedules everything anew, and does it once now: at start, and after Redis has lost everything. */
  schedule(): Promise<void>;
  /** The chore that is being done is finished at the next start. */
  stop(): Promise<void>;
}

export async function startMaintenance(
  household: Household,
  queue: Queue,
  connection: Redis,
): Promise<MaintenanceWorker> {
  const { log, config } = household;
  const chores: Handlers<'maintenance', undefined> = {
    reconcile: () => reconcile(household),
    'expire-originals': () => expireOriginals(household),
    'clean-up': () => cleanUp(household),
    'watch-health': () => watchHealth(household),
  };
  const everyMs: Readonly<Record<Chore, number>> = {
    reconcile: config.upkeep.reconcileMs,
    'expire-originals': HOUR_MS,
    'clean-up': HOUR_MS,
    'watch-health': MINUTE_MS,
  };

  const { workerName } = config;
  await giveBackFormerJobs(queue, connection, { workerName, leaseMs: LOCK_MS }, async () => {});
  const worker = new Worker(queue.name, (job) => dispatch('maintenance', chores, job, undefined), {
    connection,
    prefix: KEY_PREFIX,
    name: workerName,
    concurrency: 1,
    lockDuration: LOCK_MS,
    stalledInterval: 10_000,
    maxStalledCount: 1_000_000,
  });
  worker.on('error', (error) => log.warn({ err: error }, `worker: ${error.message}`));
  worker.on('failed', (job, error) => log.warn({ err: error, job: job?.id, chore: job?.name }, 'a chore failed'));

  return {
    async schedule() {
      const data: Payload<'maintenance', Chore> = { version: 1 };
      const forgotten = { removeOnComplete: true, removeOnFail: true };
      for (const name of Object.keys(everyMs) as Chore[]) {
        await queue.upsertJobScheduler(name, { every: everyMs[name] }, { name, data, opts: forgotten });
        await queue.add(name, data, { jobId: `${name}-now`, ...forgotten });
      }
    },
    stop: () => worker.close(true),
  };
}
