/**
 * The failed jobs of the queue are the outbox of the mails' dead letters. Any number of sweepers may look at them at once,
 * and any of them may die in between.
 */
import type { Job, Queue } from 'bullmq';
import { keepRecord } from '../../shared/keep-record.ts';
import { readDeadLetter } from '../../shared/ledger/dead-letters.ts';
import { giveUpMail } from '../../shared/ledger/give-up-mail.ts';
import { type InstructorMail, mailLetterId } from '../../shared/ledger/instructor-mail.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { Logger } from '../../shared/logger.ts';
import { oneByOne } from '../../shared/one-by-one.ts';
import { announceAlerts, parsePayload } from '../../shared/queues.ts';
import type { Storage } from '../../shared/storage/storage.ts';

interface Sweeping {
  readonly ledger: Ledger;
  readonly storage: Storage;
  readonly notification: Queue;
  readonly config: { readonly alertGatherMs: number };
  readonly log: Logger;
}

/** Said of a job that the queue itself has failed. */
const STALLED = 'The process that was sending it died, again and again.';

/** Makes dead letters of the mails that have failed for good. @returns how many. */
export async function sweepFailedMails(sweeping: Sweeping): Promise<number> {
  let swept = 0;
  for (const job of await sweeping.notification.getFailed()) {
    const mail = mailOf(job);
    const { id } = job;
    if (!mail || id === undefined) continue;
    const about = { job: id, batch: mail.batch, upload: mail.file?.id };
    if (await oneByOne(sweeping.log, about, () => toDeadLetter(sweeping, job, id, mail))) swept++;
  }
  return swept;
}

/** undefined for a payload that nobody can read: its job stays, to be looked at. */
function mailOf(job: Job): InstructorMail | undefined {
  const finished = parsePayload('notification', 'batch-finished', job);
  if (finished) return { batch: finished.batch };
  const settled = parsePayload('notification', 'file-settled', job);
  return settled && { batch: settled.batch, file: { id: settled.upload, round: settled.round } };
}

async function toDeadLetter(sweeping: Sweeping, job: Job, id: string, mail: InstructorMail): Promise<boolean> {
  const { ledger, notification, config } = sweeping;
  const log = sweeping.log.child({ job: id, batch: mail.batch, upload: mail.file?.id });
  const said = job.failedReason ?? '';
  const reason = said.includes('stalled') ? STALLED : said;
  const failed = { mail, job: id, failedJobs: notification.toKey('failed'), reason, attempts: job.attemptsMade };
  const outcome = await giveUpMail(ledger, failed);
  if (outcome === 'given-up') {
    log.error({ reason, attempts: job.attemptsMade }, 'the mail was given up: it is a dead letter');
    if (!mail.file) {
      await keepRecord(sweeping, { kind: 'notified', id: mail.batch }).catch((error) =>
        log.warn({ err: error }, 'that the mail was given up is not recorded yet'),
      );
    }
    await announceAlerts(notification, config.alertGatherMs);
  }
  // The operator has dropped the dead letter: the job has nothing more to show.
  if (outcome === 'not-due' && !(await readDeadLetter(ledger, mailLetterId(mail)))) await job.remove();
  return outcome === 'given-up';
}
