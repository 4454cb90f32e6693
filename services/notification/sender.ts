/** Who the mails come from. */
import type { Desk } from './desk.ts';
import type { Sender } from './mail/compose.ts';

/** Instructors' replies go to the operator, where there is one. */
export function sender({ mailFrom: from, operatorEmail: replyTo, publicUrl }: Desk['config']): Sender {
  return { from, publicUrl, ...(replyTo !== undefined && { replyTo }) };
}
