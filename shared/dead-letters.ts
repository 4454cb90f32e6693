/**
 * The failed sets of the two render queues are the outbox of the dead letters: whoever finds something in them does what
 * comes next. Any number of sweepers may do so at once, and any of them may die in between.
 */
import type { Job, Queue } from 'bullmq';
import { deadLetterIds, readDeadLetter } from './ledger/dead-letters.ts';
import { giveUpUpload } from './ledger/give-up.ts';
import type { Ledger } from './ledger/ledger.ts';
import { readUpload } from './ledger/read.ts';
import { settleUpload } from './ledger/settle.ts';
import type { Logger } from './logger.ts';
import { oneByOne } from './one-by-one.ts';
import { announceAlerts, announceSettled, enqueueLastTry, idsOf, type Payload, parsePayload } from './queues.ts';

export interface Sweeping {
  readonly ledger: Ledger;
  readonly transcode: Queue;
  readonly deadLetter: Queue;
  readonly notification: Queue;
  readonly config: { readonly keepOriginalsDays: number; readonly alertGatherMs: number };
  readonly log: Logger;
}

/** What the instructor reads of a job that failed without its processor giving the upload up; what failed is the operator's. */
const QUEUE_FAILED = 'Something went wrong on our side again and again while the file was rendered.';

/** @returns how many jobs were taken care of. */
export async function sweepFailedRenders(sweeping: Sweeping): Promise<number> {
  const { transcode, deadLetter } = sweeping;
  let swept = 0;
  const { log } = sweeping;
  for (const job of await transcode.getFailed()) {
    const about = { job: job.id, ...idsOf(job.data) };
    if (await oneByOne(log, about, () => toLastTry(sweeping, job))) swept++;
  }
  for (const job of await deadLetter.getFailed()) {
    const about = { job: job.id, ...idsOf(job.data) };
    if (await oneByOne(log, about, () => toDiscarded(sweeping, job))) swept++;
  }
  await askForLastTries(sweeping);
  return swept;
}

/** main queue ▸ dead letter. The failed job goes when the dead letter's stands. */
async function toLastTry({ ledger, deadLetter, log }: Sweeping, job: Job): Promise<boolean> {
  const turn = parsePayload('transcode', 'render', job) ?? (await turnOf(ledger, job));
  if (!turn || job.id === undefined) {
    if (saidOnce(job)) log.error({ job: job.id, data: job.data }, 'a failed job of the main queue is about no upload');
    return false;
  }
  const { batch, upload, round } = turn;
  const given = { upload, round, run: undefined, reason: QUEUE_FAILED, toolOutput: job.failedReason, job: job.id };
  const outcome = await giveUpUpload(ledger, given);
  if (outcome === 'dead-letter') {
    await enqueueLastTry(deadLetter, { batch, id: upload, round });
    log.warn({ batch, upload, job: job.id, toolOutput: job.failedReason }, 'a failed job became a dead letter');
  }
  await job.remove();
  return outcome === 'dead-letter';
}

/** The dead-letter queue itself failed the job, so that its processor never settled the upload. */
async function toDiscarded(sweeping: Sweeping, job: Job): Promise<boolean> {
  const { ledger, notification, config, log } = sweeping;
  const payload = parsePayload('dead-letter', 'last-try', job) ?? (await turnOf(ledger, job));
  if (!payload) {
    if (saidOnce(job))
      log.error({ job: job.id, data: job.data }, 'a failed last try has a payload that nobody can read');
    return false;
  }
  const upload = await readUpload(ledger, payload.upload);
  // Its batch was forgotten: there is nothing left that the job could show.
  if (!upload) await job.remove();
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
async function askForLastTries({ ledger, deadLetter, log }: Sweeping): Promise<void> {
  for (const id of await deadLetterIds(ledger)) {
    await oneByOne(log, { deadLetter: id }, async () => {
      const letter = await readDeadLetter(ledger, id);
      if (letter?.kind !== 'render' || letter.state !== 'waiting') return;
      await enqueueLastTry(deadLetter, { batch: letter.batch, id: letter.upload, round: letter.round });
    });
  }
}

/** The upload that a payload of another release names; undefined when it names none. */
async function turnOf(ledger: Ledger, job: Job): Promise<Payload<'transcode', 'render'> | undefined> {
  const { upload: id, round } = idsOf(job.data);
  const upload = id === undefined ? undefined : await readUpload(ledger, id);
  return upload && { version: 1, batch: upload.batch, upload: upload.id, round: round ?? upload.round };
}

const said = new Set<string>();

/** Whether this process has not spoken of the job yet: it stays among the failed and is seen at every sweep. */
function saidOnce({ queueQualifiedName, id }: Job): boolean {
  const name = `${queueQualifiedName}:${id}`;
  return !said.has(name) && said.add(name) !== undefined;
}
