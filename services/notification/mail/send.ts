/** Hands a mail to the SMTP server and says what came of it. */
import { createTransport } from 'nodemailer';
import type { Mail } from './compose.ts';

export type Delivery =
  | { readonly outcome: 'sent' /** The server's reply. */; readonly reply: string }
  /** The server refused this recipient for good: sending again cannot help. */
  | { readonly outcome: 'address-refused'; readonly detail: string }
  /** The server is away, busy or set up wrongly: another time it may work. */
  | { readonly outcome: 'try-again'; readonly detail: string };

/** RFC 5321 4.5.3.2 allows minutes; a queue that tries again need not wait that long for one mail. */
const TIMEOUTS = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 60_000 };

/** @param smtpUrl `smtp://` or `smtps://`, with user and password if the server wants them. */
export async function send(mail: Mail, smtpUrl: string): Promise<Delivery> {
  const transport = createTransport({ url: smtpUrl, ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true });
  try {
    const { response } = await transport.sendMail({
      ...mail,
      // As an object it is one address, never a list.
      to: { name: '', address: mail.to },
      // RFC 3834: no out-of-office replies to a machine.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return { outcome: 'sent', reply: response };
  } catch (error) {
    return failure(error);
  } finally {
    transport.close();
  }
}

/** 5xx after RCPT TO that are about the conversation (503) or the log-in (530), not about who should get the mail. */
const NOT_THE_ADDRESS = [503, 530];

function failure(error: unknown): Delivery {
  const { message, command, responseCode = 0 } = error as Error & { command?: string; responseCode?: number };
  const refused = command === 'RCPT TO' && responseCode >= 500 && !NOT_THE_ADDRESS.includes(responseCode);
  return { outcome: refused ? 'address-refused' : 'try-again', detail: message };
}
