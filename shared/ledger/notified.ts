/** The instructors' mails: which are due, and noting what becomes of them. */
import { z } from 'zod';
import { dueEntry, type InstructorMail } from './instructor-mail.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const sending = loadScript(new URL('./sending.lua', import.meta.url), 1);
const notified = loadScript(new URL('./notified.lua', import.meta.url), 4);
const fileNotified = loadScript(new URL('./file-notified.lua', import.meta.url), 2);

/** Ids of the finished batches whose mail has not been dealt with, the oldest first. */
export async function dueBatches(ledger: Ledger): Promise<string[]> {
  return ledger.redis.zrange(ledgerKey.due, 0, -1);
}

/** The rounds of replayed files whose mail has not been dealt with, the oldest first. */
export async function dueFiles(ledger: Ledger): Promise<{ readonly id: string; readonly round: number }[]> {
  const members = await ledger.redis.zrange(ledgerKey.dueFiles, 0, -1);
  return members.map((member) => {
    const [id = '', round] = member.split('/');
    return { id, round: Number(round) };
  });
}

/** Whether a mail has still to be sent. */
export async function isDue(ledger: Ledger, mail: InstructorMail): Promise<boolean> {
  const { set, member } = dueEntry(mail);
  return (await ledger.redis.zscore(set, member)) !== null;
}

/** `again`: an earlier try got so far that the server may have taken the mail; `unknown`: there is no such batch. */
export async function noteSending(ledger: Ledger, batch: string): Promise<'first' | 'again' | 'unknown'> {
  return z.enum(['first', 'again', 'unknown']).parse(await runScript(ledger, sending, [ledgerKey.batch(batch)], []));
}

/** The server has surely not taken the mail. */
export async function noteNotSent(ledger: Ledger, batch: string): Promise<void> {
  await ledger.redis.hdel(ledgerKey.batch(batch), 'sendingAt');
}

/** @returns when it was noted first, ms since 1970. */
export async function noteNotified(ledger: Ledger, batch: string): Promise<number> {
  const keys = [ledgerKey.batch(batch), ledgerKey.due, ledgerKey.unrecorded, ledgerKey.counters];
  return z.int().parse(await runScript(ledger, notified, keys, [batch]));
}

/** @param how `needless`: the file has been replayed once more, and another mail will say what came of that. */
export async function noteFileNotified(
  ledger: Ledger,
  mail: Required<InstructorMail>,
  how: 'sent' | 'needless',
): Promise<void> {
  const { set, member } = dueEntry(mail);
  await runScript(ledger, fileNotified, [set, ledgerKey.counters], [member, how === 'sent' ? 1 : 0]);
}
