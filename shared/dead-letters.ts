/**
 * The failed sets of the two render queues are the outbox of the dead letters: whoever finds something in them does what
 * comes next. Any number of sweepers may do so at once, and any of them may die in between.
 */
import type { Job, Queue } from 'bullmq';
import { readDeadLetters } from './ledger/dead-letters.ts';
import { giveUpUpload } from './ledger/give-up.ts';
import type { Ledger } from './ledger/ledger.ts';
import { readUpload } from './ledger/read.ts';
import { settleUpload } from './ledger/settle.ts';
import type { Logger } from './logger.ts';
import { announceAlerts, announceSettled, enqueueLastTry, parsePayload } from './queues.ts';

export interface Sweeping {
  readonly ledger: Ledger;
  readonly transcode: Queue;
  readonly deadLetter: Queue;
  readonly notification: Queue;
  readonly config: { readonly keepOriginalsDays: number; readonly alertGatherMs: number };
  readonly log: Logger;
}

/** Said of a job that the queue itself has failed: its processes died again and again. */
const QUEUE_FAILED = 'Something went wrong on our side again and again while the file was rendered.';

/** @returns how many jobs were taken care of. */
export async function sweepFailedRenders(sweeping: Sweeping): Promise<number> {
  const { transcode, deadLetter } = sweeping;
  let swept = 0;
  for (const job of await transcode.getFailed()) if (await toLastTry(sweeping, job)) swept++;
  for (const job of await deadLetter.getFailed()) if (await toDiscarded(sweeping, job)) swept++;
  await askForLastTries(sweeping);
  return swept;
}

/** main queue ▸ dead letter. The failed job goes when the dead letter's stands. */
async function toLastTry({ ledger, deadLetter, log }: Sweeping, job: Job): Promise<boolean> {
  const payload = parsePayload('transcode', 'render', job);
  if (!payload || job.id === undefined) {
    log.error({ job: job.id, data: job.data }, 'a failed job of the main queue has a payload that nobody can read');
    return false;
  }
  const { batch, upload, round } = payload;
  const reason = job.failedReason?.includes('stalled') ? QUEUE_FAILED : (job.failedReason ?? QUEUE_FAILED);
  const given = { upload, round, run: undefined, reason, toolOutput: job.failedReason, job: job.id };
  const outcome = await giveUpUpload(ledger, given);
  if (outcome === 'dead-letter') await enqueueLastTry(deadLetter, { batch, id: upload, round });
  await job.remove();
  return outcome === 'dead-letter';
}

/** The dead-letter queue itself failed the job, so that its processor never settled the upload. */
async function toDiscarded(sweeping: Sweeping, job: Job): Promise<boolean> {
  const { ledger, notification, config, log } = sweeping;
  const payload = parsePayload('dead-letter', 'last-try', job);
  if (!payload) return false;
  const upload = await readUpload(ledger, payload.upload);
  if (!upload || upload.round !== payload.round || upload.state === 'failed' || upload.state === 'ready') return false;
  const reason = upload.reason ?? QUEUE_FAILED;
  const settling = { upload, run: undefined, keepOriginalsDays: config.keepOriginalsDays };
  const outcome = { state: 'failed', reason, toolOutput: job.failedReason } as const;
  const settled = await settleUpload(ledger, settling, outcome);
  log.error({ batch: upload.batch, upload: upload.id, job: job.id, reason }, 'discarded: its last try never ended');
  if (settled === 'finished') await announceSettled(notification, upload);
  await announceAlerts(notification, config.alertGatherMs);
  return true;
}

/** A dead letter that waits has a job in the queue; adding it twice is adding it once. */
async function askForLastTries({ ledger, deadLetter }: Sweeping): Promise<void> {
  for (const letter of await readDeadLetters(ledger)) {
    if (letter.kind !== 'render' || letter.state !== 'waiting') continue;
    await enqueueLastTry(deadLetter, { batch: letter.batch, id: letter.upload, round: letter.round });
  }
}
