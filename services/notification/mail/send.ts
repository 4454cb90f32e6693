/** Hands a mail to the SMTP server and says what came of it. */
import { createTransport } from 'nodemailer';
import type { Mail } from './compose.ts';

export type Delivery = { readonly outcome: 'sent' /** The server's reply. */; readonly reply: string } | Failure;

export type Failure =
  /** The server, not this mail: it is away, or does not work for us. */
  | {
      readonly outcome: 'away';
      readonly detail: string;
      /** Time will not mend it: the log-in, the sender or the encryption is wrong. */
      readonly needsOperator: boolean;
      readonly mayHaveArrived: boolean;
    }
  /** This mail or its recipient, and another time it may work. */
  | { readonly outcome: 'try-again'; readonly detail: string; readonly mayHaveArrived: boolean }
  /** This mail or its recipient, for good. */
  | { readonly outcome: 'refused'; readonly detail: string };

/** RFC 5321 4.5.3.2 allows minutes; a queue that tries again need not wait that long for one mail. */
const TIMEOUTS = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 60_000 };

/** How long a conversation may go on when the service stops, before it is broken off. */
const END_WITHIN_MS = 4_000;

/**
 * @param smtpUrl `smtp://` or `smtps://`, with user and password if the server wants them.
 * @throws the signal's reason when aborted; then the mail may have arrived.
 */
export async function send(mail: Mail, smtpUrl: string, signal: AbortSignal): Promise<Delivery> {
  signal.throwIfAborted();
  const seen: Seen = { begun: false, whole: false };
  const transport = createTransport({
    url: smtpUrl,
    ...TIMEOUTS,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: watching(seen),
  });
  const breakOff = new AbortController();
  const stop = () => setTimeout(() => breakOff.abort(), END_WITHIN_MS).unref();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { response } = await transport.sendMail({
      ...mail,
      // As an object it is one address, never a list.
      to: { name: '', address: mail.to },
      // RFC 3834: no out-of-office replies to a machine.
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal: breakOff.signal,
    });
    return { outcome: 'sent', reply: response };
  } catch (error) {
    if (breakOff.signal.aborted) signal.throwIfAborted();
    const answers = () =>
      transport.verify().then(
        () => true,
        () => false,
      );
    return await failure(error as SmtpError, seen, answers);
  } finally {
    signal.removeEventListener('abort', stop);
    transport.close();
  }
}

/** How far a conversation came. */
interface Seen {
  /** The server had let us in. */
  begun: boolean;
  /** It had got the mail to the last byte, so that it may have taken it. */
  whole: boolean;
}

/** Of a lost connection nodemailer's error does not say how far it came; its log does (smtp-transport, smtp-connection). */
function watching(seen: Seen) {
  const nothing = () => {};
  return {
    ...{ trace: nothing, debug: nothing, warn: nothing, error: nothing, fatal: nothing, level: nothing },
    info(entry: { readonly tnx?: string }) {
      if (entry.tnx === 'send') seen.begun = true;
      if (entry.tnx === 'message') seen.whole = true;
    },
  };
}

/** What nodemailer adds to its errors. */
interface SmtpError extends Error {
  readonly code?: string;
  /** The command that was answered; `API` when nothing was sent. */
  readonly command?: string;
  readonly responseCode?: number;
}

/** Replies to RCPT TO and DATA that are about the conversation (503) or the log-in (530), not about the mail. */
const NOT_THE_MAIL = [503, 530];
/** RFC 1870 6.1: the mail is larger than the server takes. */
const TOO_LARGE = 552;
/** RFC 5321 3.8: the server is closing down, whatever it was asked. */
const CLOSING = 421;

/** @param answers whether the server takes a new connection now. */
async function failure(error: SmtpError, seen: Seen, answers: () => Promise<boolean>): Promise<Failure> {
  const { message: detail, code, command = '', responseCode: reply } = error;
  if (!seen.begun) {
    const needsOperator =
      code === 'EAUTH' ? reply === undefined || reply >= 500 : code === 'ETLS' || Number(reply) >= 500;
    return { outcome: 'away', detail, needsOperator, mayHaveArrived: false };
  }
  if (command === 'API') return { outcome: 'refused', detail };
  if (reply === undefined || reply === CLOSING) {
    // A mail that itself ends the conversation, each time, must not be tried for ever.
    const lost = { detail, mayHaveArrived: seen.whole };
    return (await answers()) ? { outcome: 'try-again', ...lost } : { outcome: 'away', needsOperator: false, ...lost };
  }
  const refused = reply >= 500;
  const theMail = ['RCPT TO', 'DATA'].includes(command) && !NOT_THE_MAIL.includes(reply);
  if (!theMail && reply !== TOO_LARGE)
    return { outcome: 'away', detail, needsOperator: refused, mayHaveArrived: false };
  return refused ? { outcome: 'refused', detail } : { outcome: 'try-again', detail, mayHaveArrived: false };
}
