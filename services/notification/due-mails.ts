/** Mails that nobody asked for, because a process died between what happened and that. */
import type { Queue } from 'bullmq';
import { hasAlerts } from '../../shared/ledger/alerts.ts';
import type { InstructorMail } from '../../shared/ledger/instructor-mail.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { dueBatches, dueFiles, isDue } from '../../shared/ledger/notified.ts';
import { readUpload } from '../../shared/ledger/read.ts';
import type { Logger } from '../../shared/logger.ts';
import { announceAlerts, announceMail, mailJobId } from '../../shared/queues.ts';

interface Asking {
  readonly ledger: Ledger;
  readonly notification: Queue;
  readonly config: { readonly alertGatherMs: number };
  readonly log: Logger;
}

/** Safe to repeat. @returns how many mails nobody had asked for. */
export async function askForDueMails({ ledger, notification, config, log }: Asking): Promise<number> {
  let asked = 0;
  for (const mail of await dueMails(ledger)) {
    if (!(await askFor(ledger, notification, mail))) continue;
    log.warn({ batch: mail.batch, upload: mail.file?.id }, 'asked for a mail that nobody had asked for');
    asked++;
  }
  if (await hasAlerts(ledger)) await announceAlerts(notification, config.alertGatherMs);
  return asked;
}

async function dueMails(ledger: Ledger): Promise<InstructorMail[]> {
  const mails: InstructorMail[] = (await dueBatches(ledger)).map((batch) => ({ batch }));
  for (const file of await dueFiles(ledger)) {
    const upload = await readUpload(ledger, file.id);
    if (upload) mails.push({ batch: upload.batch, file });
  }
  return mails;
}

async function askFor(ledger: Ledger, notification: Queue, mail: InstructorMail): Promise<boolean> {
  const job = await notification.getJob(mailJobId(mail));
  if (job) {
    // One that has completed and left the mail due would make another a repeat.
    if ((await job.getState()) !== 'completed' || !(await isDue(ledger, mail))) return false;
    await job.remove();
  }
  await announceMail(notification, mail);
  return true;
}
