import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startMailCatcher } from '../../infra/local/mail-catcher/mail-catcher.ts';
import { compose } from '../../services/notification/mail/compose.ts';
import { send } from '../../services/notification/mail/send.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const mail = compose(
  {
    batch: 'b1',
    title: 'Bio\r\nBcc: eve@example.org – «Zelle» 🧬',
    instructor: 'ada@example.org',
    files: [{ state: 'failed', name: `${'długa nazwa '.repeat(25)}.mp4`, reason: 'The file is cut off.' }],
  },
  { from: 'Projectionist <projectionist@example.org>', replyTo: 'op@example.org', publicUrl: 'http://127.0.0.1:8080' },
);

/** A real SMTP server with the manners that a test asks for, and who got mail from it. */
async function smtpServer(manners: Partial<SMTPServerOptions>) {
  const recipients: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(content, session, answer) {
      recipients.push(...session.envelope.rcptTo.map(({ address }) => address));
      content.resume().on('end', () => answer());
    },
    ...manners,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, recipients };
}

const reply = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });

describe('sending', () => {
  it('brings the mail to the server as it was composed', async () => {
    await using directory = await temporaryDirectory();
    const catcher = await startMailCatcher({ directory: directory.path, host: '127.0.0.1' });
    onTestFinished(() => catcher.stop());

    expect(await send(mail, catcher.smtpUrl)).toEqual({
      outcome: 'sent',
      reply: expect.stringMatching(/^250 kept as /),
    });

    const [name = ''] = await readdir(directory.path);
    const arrived = await simpleParser(await readFile(join(directory.path, name)));
    expect(arrived).toMatchObject({
      subject: '1 file failed: Bio Bcc: eve@example.org – «Zelle» 🧬',
      messageId: '<batch-b1@127.0.0.1>',
      to: { text: 'ada@example.org' },
      from: { value: [{ name: 'Projectionist', address: 'projectionist@example.org' }] },
      replyTo: { text: 'op@example.org' },
      text: mail.text,
      html: mail.html,
    });
    expect(arrived.headers.get('auto-submitted')).toBe('auto-generated');
    expect(arrived.headers.has('bcc')).toBe(false);
  });

  it('never takes one address for several', async () => {
    const server = await smtpServer({});
    await send({ ...mail, to: 'ada@example.org, eve@example.org' }, server.url);
    expect(server.recipients).not.toContain('eve@example.org');
  });
});

describe('an address that the server refuses', () => {
  it.each([550, 551, 553, 554])('with %i is refused for good', async (code) => {
    const server = await smtpServer({ onRcptTo: (_address, _session, answer) => answer(reply(code, 'no such user')) });
    const delivery = await send(mail, server.url);
    expect(delivery).toMatchObject({ outcome: 'address-refused', detail: expect.stringContaining('no such user') });
    expect(server.recipients).toEqual([]);
  });

  it.each([450, 452, 503, 530])('with %i may work another time', async (code) => {
    const server = await smtpServer({ onRcptTo: (_address, _session, answer) => answer(reply(code, 'not now')) });
    expect(await send(mail, server.url)).toMatchObject({
      outcome: 'try-again',
      detail: expect.stringContaining('not now'),
    });
  });
});

describe('a server that does not do its work is tried again', () => {
  it('when it refuses the sender', async () => {
    const { url } = await smtpServer({
      onMailFrom: (_address, _session, answer) => answer(reply(550, 'not from you')),
    });
    expect(await send(mail, url)).toMatchObject({
      outcome: 'try-again',
      detail: expect.stringContaining('not from you'),
    });
  });

  it('when it refuses the content', async () => {
    const { url } = await smtpServer({
      onData: (content, _session, answer) => content.resume().on('end', () => answer(reply(554, 'looks like spam'))),
    });
    expect(await send(mail, url)).toMatchObject({ outcome: 'try-again', detail: expect.stringContaining('spam') });
  });

  it('when it wants a log-in', async () => {
    const { url } = await smtpServer({ authOptional: false });
    expect(await send(mail, url)).toMatchObject({ outcome: 'try-again', detail: expect.stringContaining('530') });
  });

  it('when the log-in is wrong', async () => {
    const { url } = await smtpServer({ onAuth: (_auth, _session, answer) => answer(reply(535, 'wrong password')) });
    const withLogin = url.replace('smtp://', 'smtp://user:pass@');
    expect(await send(mail, withLogin)).toMatchObject({
      outcome: 'try-again',
      detail: expect.stringContaining('wrong'),
    });
  });

  it('when it is down, or hangs up', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await send(mail, url)).toMatchObject({ outcome: 'try-again' });
    server.close();
    await once(server, 'close');
    expect(await send(mail, url)).toMatchObject({
      outcome: 'try-again',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
