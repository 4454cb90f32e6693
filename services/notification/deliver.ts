/** One try to hand over a mail, as an error if it comes to nothing. */
import { countUp } from '../../shared/ledger/counters.ts';
import type { Desk, Turn } from './desk.ts';
import type { Mail } from './mail/compose.ts';
import { type Failure, send } from './mail/send.ts';

/** A mail was not handed over; what should happen next is in `failure`. */
export class Undelivered extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(`the mail could not be sent: ${failure.detail}`);
    this.name = 'Undelivered';
    this.failure = failure;
  }
}

/** @throws Undelivered; the signal's reason when aborted. */
export async function deliver({ config, ledger }: Desk, mail: Mail, { signal, log }: Turn): Promise<void> {
  const delivery = await send(mail, config.smtpUrl, signal);
  if (delivery.outcome === 'sent') {
    log.info({ to: mail.to, messageId: mail.messageId, reply: delivery.reply }, 'mail sent');
    return;
  }
  if (delivery.outcome !== 'away') await countUp(ledger, 'mails:failed-tries');
  throw new Undelivered(delivery);
}
