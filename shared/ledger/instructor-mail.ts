/** The mails to instructors, as the ledger names them. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

export interface InstructorMail {
  readonly batch: string;
  /** Of the mail about one file that was replayed after its batch had finished. */
  readonly file?: { readonly id: string; readonly round: number } | undefined;
}

/** Where it is noted that the mail is due. */
export function dueEntry({ batch, file }: InstructorMail): { readonly set: string; readonly member: string } {
  return file ? { set: ledgerKey.dueFiles, member: `${file.id}/${file.round}` } : { set: ledgerKey.due, member: batch };
}

/** Id of the dead letter that the mail becomes when it cannot be sent. */
export const mailLetterId = ({ batch, file }: InstructorMail) =>
  file ? `mail-${file.id}-${file.round}` : `mail-${batch}`;

/** The mail that a dead letter of this id is about, also when it is none any more; undefined when there is none of it. */
export async function mailOfLetter({ redis }: Ledger, letter: string): Promise<InstructorMail | undefined> {
  const [, about = ''] = /^mail-(.+)$/.exec(letter) ?? [];
  if ((await redis.exists(ledgerKey.batch(about))) === 1) return { batch: about };
  const [, id = '', round] = /^(.+)-(\d{1,9})$/.exec(about) ?? [];
  const batch = await redis.hget(ledgerKey.upload(id), 'batch');
  return batch === null ? undefined : { batch, file: { id, round: Number(round) } };
}
