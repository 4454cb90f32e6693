/** The operator has a mail sent that had become a dead letter. */
import type { Queue } from 'bullmq';
import { announceMail, mailJobId } from '../queues.ts';
import { dueEntry, type InstructorMail, mailLetterId } from './instructor-mail.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./resend-mail.lua', import.meta.url), 5);

/** The mail of a finished batch; see `resendMail`. */
export async function resendBatchMail(ledger: Ledger, notification: Queue, batch: string): Promise<boolean> {
  return resendMail(ledger, notification, { batch });
}

/**
 * Repeating it changes nothing. The old job goes first, so that no sweeper takes the mail for a failed one.
 * @returns whether the mail is going to be sent: false when it is no dead letter.
 */
export async function resendMail(ledger: Ledger, notification: Queue, mail: InstructorMail): Promise<boolean> {
  const job = await notification.getJob(mailJobId(mail));
  if (job && ['failed', 'completed'].includes(await job.getState())) await job.remove();
  const { set, member } = dueEntry(mail);
  const letter = mailLetterId(mail);
  const keys = [
    ledgerKey.deadLetter(letter),
    ledgerKey.deadLetters,
    ledgerKey.alerts,
    set,
    ledgerKey.batch(mail.batch),
  ];
  const due = await runScript(ledger, script, keys, [letter, member, mail.file ? 0 : 1]);
  if (due !== 1) return false;
  await announceMail(notification, mail);
  return true;
}
