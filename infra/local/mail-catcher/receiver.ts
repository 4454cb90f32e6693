/** The SMTP side of the mail catcher: takes mail from anyone for anyone, and says 250 when it is on the disk. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { type Mailbox, MailTooLarge } from './mailbox.ts';
import { urlOf } from './url-of.ts';

export interface Receiver extends AsyncDisposable {
  readonly url: string;
}

interface ReceiverOptions {
  readonly host: string;
  readonly port: number;
  readonly maxMailBytes: number;
}

/** A client that is still talking when we stop is cut off. */
const CLOSE_TIMEOUT_MS = 1000;

export async function startReceiver(
  mailbox: Mailbox,
  { host, port, maxMailBytes }: ReceiverOptions,
): Promise<Receiver> {
  const server = new SMTPServer({
    name: 'mail-catcher',
    banner: 'keeps everything, delivers nothing',
    // No certificate that anyone would trust, and nobody to log in.
    disabledCommands: ['STARTTLS', 'AUTH'],
    authOptional: true,
    disableReverseLookup: true,
    size: maxMailBytes,
    closeTimeout: CLOSE_TIMEOUT_MS,
    onData(content, _session, answer) {
      mailbox.keep(content, maxMailBytes).then(
        (name) => answer(null, `kept as ${name}`),
        (error: Error) => answer(Object.assign(error, { responseCode: error instanceof MailTooLarge ? 552 : 452 })),
      );
    },
  });
  // A client that breaks off is no trouble of the server's; without a listener it would end the process.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: urlOf('smtp', server.server.address() as AddressInfo),
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
