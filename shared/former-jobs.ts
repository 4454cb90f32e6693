/** Taking up at start what a killed process of the same name was working on. */
import { randomUUID } from 'node:crypto';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/**
 * Gives the jobs that a killed process of this name had back to the head of the queue, at once: left alone, a lock that
 * outlives an outage of Redis would keep them for minutes. The lock is taken over, because only its holder may move a job.
 * @param before told of each job before it moves.
 */
export async function giveBackFormerJobs(
  queue: Queue,
  connection: Redis,
  { workerName, leaseMs }: { readonly workerName: string; readonly leaseMs: number },
  before: (job: Job) => Promise<void>,
): Promise<void> {
  for (const job of await queue.getActive()) {
    if (job.id === undefined || job.processedBy !== workerName) continue;
    const token = randomUUID();
    const lock = queue.toKey(`${job.id}:lock`);
    const former = await connection.set(lock, token, 'PX', leaseMs, 'GET');
    // While we were looking, another may have taken it for stalled and begun with it.
    const now = await queue.getJob(job.id);
    if (now?.processedBy !== workerName || !(await now.isActive())) {
      if (former === null) await connection.del(lock);
      else await connection.set(lock, former, 'PX', leaseMs, 'XX');
      continue;
    }
    await before(job);
    await job.moveToWait(token);
  }
}
