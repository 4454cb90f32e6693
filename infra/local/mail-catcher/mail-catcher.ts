/** The mail server of the embedded stack: takes every mail, delivers none, keeps each as a file and shows them in the browser. */
import { openMailbox } from './mailbox.ts';
import { startPages } from './pages.ts';
import { startReceiver } from './receiver.ts';

export interface MailCatcherOptions {
  /** Where the mails are kept, as `*.eml`; made if missing. */
  readonly directory: string;
  /** What both servers listen on: a loopback address, as neither asks who is there. */
  readonly host: string;
  /** 0 or absent takes a free port. */
  readonly smtpPort?: number;
  readonly httpPort?: number;
  /** Largest mail that is taken, in bytes. */
  readonly maxMailBytes?: number;
}

export interface MailCatcher {
  /** `smtp://127.0.0.1:1025` */
  readonly smtpUrl: string;
  /** Of the page that lists the mails: `http://127.0.0.1:8025`. */
  readonly url: string;
  /** Ends both servers; a mail that is being received is not acknowledged any more. */
  stop(): Promise<void>;
}

const MiB = 1024 ** 2;

export async function startMailCatcher(options: MailCatcherOptions): Promise<MailCatcher> {
  const { directory, host, smtpPort = 0, httpPort = 0, maxMailBytes = 25 * MiB } = options;
  await using started = new AsyncDisposableStack();
  const mailbox = await openMailbox(directory);
  const receiver = started.use(await startReceiver(mailbox, { host, port: smtpPort, maxMailBytes }));
  const pages = started.use(await startPages(mailbox, { host, port: httpPort }));
  const running = started.move();
  return { smtpUrl: receiver.url, url: pages.url, stop: () => running.disposeAsync() };
}
