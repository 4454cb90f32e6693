/** Unsettled uploads whose job is gone, or has ended without settling them: they get one, at their place in the queue. */

import type { Queue } from 'bullmq';
import { readUpload, type UploadEntry } from '../../../shared/ledger/read.ts';
import { requeueUpload } from '../../../shared/ledger/requeue.ts';
import { orderQueue } from '../../../shared/ledger/restore.ts';
import { unsettledUploads } from '../../../shared/ledger/unsettled.ts';
import { oneByOne } from '../../../shared/one-by-one.ts';
import { enqueueLastTry, enqueueRender, lastTryJobId, renderJobId } from '../../../shared/queues.ts';
import type { Household } from './household.ts';

/** Where a job stands that will still be run, or that the sweeper of failed jobs will take up. */
const ALIVE = ['waiting', 'active', 'delayed', 'prioritized', 'failed'] as const;

export async function repairLostJobs(household: Household): Promise<number> {
  const { ledger, transcode, deadLetter, log } = household;
  const unsettled = await unsettledUploads(ledger);
  const jobs = { main: await aliveJobs(transcode), last: await aliveJobs(deadLetter) };
  let repaired = 0;
  for (const { id, lastTry, round } of unsettled) {
    const known = lastTry
      ? jobs.last.has(lastTryJobId({ batch: '', id, round }))
      : jobs.main.has(renderJobId({ batch: '', id, round }));
    if (known) continue;
    await oneByOne(log, { upload: id }, async () => {
      // Looked at again: it may have been settled, or its job moved on, while we were looking.
      const upload = await readUpload(ledger, id);
      if (!upload || upload.state === 'ready' || upload.state === 'failed' || upload.round !== round) return;
      if (!(await giveJob(household, upload, lastTry))) return;
      log.warn({ batch: upload.batch, upload: id }, 'had no job, has one again');
      repaired++;
    });
  }
  if (repaired > 0) await orderQueue(ledger, transcode);
  return repaired;
}

/** @returns false when it has one after all. */
async function giveJob(
  { ledger, transcode, deadLetter }: Household,
  { id, batch, round }: UploadEntry,
  lastTry: boolean,
): Promise<boolean> {
  const turn = { batch, id, round };
  const queue = lastTry ? deadLetter : transcode;
  const job = await queue.getJob(lastTry ? lastTryJobId(turn) : renderJobId(turn));
  if (job) {
    if ((await job.getState()) !== 'completed') return false;
    // Its id would make the new one a repeat.
    await job.remove();
  }
  await requeueUpload(ledger, id, undefined);
  await (lastTry ? enqueueLastTry(deadLetter, turn) : enqueueRender(transcode, turn));
  return true;
}

async function aliveJobs(queue: Queue): Promise<Set<string>> {
  const ids = await Promise.all(ALIVE.map((state) => queue.getRanges([state === 'waiting' ? 'wait' : state])));
  return new Set(ids.flat());
}
