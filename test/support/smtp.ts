/** A real SMTP server of a test's own, with the manners that it asks for. */
import type { AddressInfo, Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

/** A mail that was taken. */
export interface TakenMail {
  /** The recipient, as RCPT TO said. */
  readonly to: string;
  readonly at: number;
  readonly parsed: ParsedMail;
}

type Session = SMTPServerSession & { hangUp(): void };
type Answer = (error?: Error | null, message?: string) => void;

export interface SmtpManners extends Pick<SMTPServerOptions, 'onConnect' | 'onMailFrom' | 'onAuth'> {
  readonly authOptional?: boolean;
  readonly secure?: boolean;
  /** 0 or absent takes a free one. */
  readonly port?: number;
  readonly onRcptTo?: (address: { readonly address: string }, session: Session, answer: Answer) => void;
  /** Instead of taking the mail. */
  readonly onData?: (content: NodeJS.ReadableStream, session: Session, answer: Answer) => void;
  /** Before the mail is acknowledged, which has been taken then. */
  readonly beforeAnswer?: (mail: TakenMail) => Promise<void>;
}

export interface TestSmtp extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** In the order in which they came. */
  readonly mails: TakenMail[];
}

export async function startSmtp(manners: SmtpManners = {}): Promise<TestSmtp> {
  const { port = 0, onRcptTo, onData, beforeAnswer, ...options } = manners;
  const mails: TakenMail[] = [];
  const sockets = new Set<Socket>();
  const withHangUp = (session: SMTPServerSession): Session =>
    Object.assign(session, {
      hangUp: () => [...sockets].find(({ remotePort }) => remotePort === session.remotePort)?.destroy(),
    });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    ...options,
    ...(onRcptTo && { onRcptTo: (address, session, answer) => onRcptTo(address, withHangUp(session), answer) }),
    async onData(content, session, answer) {
      if (onData) return onData(content, withHangUp(session), answer);
      const parsed = await simpleParser(content);
      const mail = { to: session.envelope.rcptTo.map(({ address }) => address).join(), at: Date.now(), parsed };
      mails.push(mail);
      await beforeAnswer?.(mail);
      answer();
    },
  });
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.server.address() as AddressInfo).port;
  return {
    url: `smtp://127.0.0.1:${bound}`,
    port: bound,
    mails,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** An answer with a code of its own. */
export const reply = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });
