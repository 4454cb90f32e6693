/** The mails to instructors, as the ledger names them. */
import { ledgerKey } from './keys.ts';

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
