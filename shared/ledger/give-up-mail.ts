/** A mail that cannot be sent becomes a dead letter, and the operator has to be told. */
import { z } from 'zod';
import { dueEntry, type InstructorMail, mailLetterId } from './instructor-mail.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./give-up-mail.lua', import.meta.url), 8);
const givenUp = z.enum(['given-up', 'not-failed', 'not-due']);

export interface FailedMail {
  readonly mail: InstructorMail;
  /** Id of the job that failed. */
  readonly job: string;
  /** Redis key of the failed jobs of its queue: whether the job is still among them is looked at in the same step. */
  readonly failedJobs: string;
  readonly reason: string;
  readonly attempts: number;
}

/** Repeating it changes nothing. `not-due`: sent, or given up before; `not-failed`: the job is no longer among the failed. */
export async function giveUpMail(ledger: Ledger, failed: FailedMail): Promise<z.infer<typeof givenUp>> {
  const { mail, job, failedJobs, reason, attempts } = failed;
  const { set, member } = dueEntry(mail);
  const letter = mailLetterId(mail);
  const keys = [
    failedJobs,
    set,
    ledgerKey.deadLetter(letter),
    ledgerKey.deadLetters,
    ledgerKey.alerts,
    ledgerKey.batch(mail.batch),
    ledgerKey.unrecorded,
    ledgerKey.counters,
  ];
  const about = [mail.file?.id ?? '', mail.file?.round ?? ''];
  return givenUp.parse(
    await runScript(ledger, script, keys, [job, member, letter, mail.batch, reason, attempts, ...about]),
  );
}
