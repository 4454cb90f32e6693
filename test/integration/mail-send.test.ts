import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startMailCatcher } from '../../infra/local/mail-catcher/mail-catcher.ts';
import { compose, type Mail } from '../../services/notification/mail/compose.ts';
import { send as handOver } from '../../services/notification/mail/send.ts';
import { reply, type SmtpManners, startSmtp } from '../support/smtp.ts';
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

const send = (mail: Mail, url: string, signal = new AbortController().signal) => handOver(mail, url, signal);

async function smtpServer(manners: SmtpManners) {
  const server = await startSmtp(manners);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

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
    const delivery = await send({ ...mail, to: 'ada@example.org, eve@example.org' }, server.url);
    expect(delivery.outcome).not.toBe('away');
    expect(server.mails.map(({ to }) => to)).not.toContain('eve@example.org');
  });
});

describe('a mail that the server refuses', () => {
  it.each([550, 551, 553, 554])('with %i for its recipient is refused for good', async (code) => {
    const server = await smtpServer({ onRcptTo: (_address, _session, answer) => answer(reply(code, 'no such user')) });
    const delivery = await send(mail, server.url);
    expect(delivery).toEqual({ outcome: 'refused', detail: expect.stringContaining('no such user') });
    expect(server.mails).toEqual([]);
  });

  it.each([450, 451, 452])('with %i for its recipient may work another time', async (code) => {
    const server = await smtpServer({ onRcptTo: (_address, _session, answer) => answer(reply(code, 'not now')) });
    expect(await send(mail, server.url)).toEqual({
      outcome: 'try-again',
      detail: expect.stringContaining('not now'),
      mayHaveArrived: false,
    });
  });

  it('for its content is refused, for good or for now', async () => {
    const refusing = async (code: number) => {
      const { url } = await smtpServer({
        onData: (content, _session, answer) => content.resume().on('end', () => answer(reply(code, 'looks like spam'))),
      });
      return send(mail, url);
    };
    expect(await refusing(554)).toMatchObject({ outcome: 'refused', detail: expect.stringContaining('spam') });
    expect(await refusing(451)).toMatchObject({ outcome: 'try-again', mayHaveArrived: false });
  });

  it('for its size is refused', async () => {
    const server = await smtpServer({ onMailFrom: (_address, _session, answer) => answer(reply(552, 'too large')) });
    expect(await send(mail, server.url)).toMatchObject({ outcome: 'refused' });
  });
});

describe('a mail that always ends the conversation', () => {
  const hangingUp = (when: 'RCPT TO' | 'after it'): SmtpManners => ({
    onRcptTo: (_address, session, answer) => (when === 'RCPT TO' ? session.hangUp() : answer()),
    onData: (content, session) => content.resume().on('end', () => session.hangUp()),
  });

  it.each([
    ['RCPT TO', false],
    ['after it', true],
  ] as const)('is not tried for ever: %s', async (when, mayHaveArrived) => {
    const server = await smtpServer(hangingUp(when));
    expect(await send(mail, server.url)).toMatchObject({ outcome: 'try-again', mayHaveArrived });
  });

  it('is to wait when the server is gone as well', async () => {
    const server = await startSmtp({
      onData: (content, session) =>
        content.resume().on('end', () => server[Symbol.asyncDispose]().then(() => session.hangUp())),
    });
    expect(await send(mail, server.url)).toMatchObject({ outcome: 'away', mayHaveArrived: true });
  });

  it('is an attempt when the recipient is the reason for a 421', async () => {
    const server = await smtpServer({ onRcptTo: (_address, _session, answer) => answer(reply(421, 'too many')) });
    expect(await send(mail, server.url)).toMatchObject({ outcome: 'try-again', mayHaveArrived: false });
  });
});

describe('a server that is away', () => {
  const away = (needsOperator: boolean, detail: string) => ({
    outcome: 'away',
    needsOperator,
    detail: expect.stringContaining(detail),
    mayHaveArrived: false,
  });

  it('does not answer, hangs up, or greets with 421', async () => {
    let greeting = '';
    const server = createServer((socket) => socket.end(greeting)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await send(mail, url)).toEqual(away(false, 'closed'));
    greeting = '421 too busy\r\n';
    expect(await send(mail, url)).toEqual(away(false, '421'));
    server.close();
    await once(server, 'close');
    expect(await send(mail, url)).toEqual(away(false, 'ECONNREFUSED'));
  });

  it('has no address', async () => {
    expect(await send(mail, 'smtp://mail.invalid')).toEqual(away(false, 'mail.invalid'));
  });

  it('has no room for any mail', async () => {
    const { url } = await smtpServer({ onMailFrom: (_address, _session, answer) => answer(reply(452, 'disk full')) });
    expect(await send(mail, url)).toEqual(away(false, 'disk full'));
  });

  it('is the trouble of the operator when it does not work for us', async () => {
    const greeting554 = await smtpServer({ onConnect: (_session, answer) => answer(reply(554, 'not for you')) });
    expect(await send(mail, greeting554.url)).toEqual(away(true, 'not for you'));
    const sender = await smtpServer({
      onMailFrom: (_address, _session, answer) => answer(reply(550, 'not from you')),
    });
    expect(await send(mail, sender.url)).toEqual(away(true, 'not from you'));
    const noLogin = await smtpServer({ authOptional: false });
    expect(await send(mail, noLogin.url)).toEqual(away(true, '530'));
    const rcpt = await smtpServer({ onRcptTo: (_address, _session, answer) => answer(reply(530, 'log in first')) });
    expect(await send(mail, rcpt.url)).toEqual(away(true, 'log in first'));
    const wrong = await smtpServer({ onAuth: (_auth, _session, answer) => answer(reply(535, 'wrong password')) });
    expect(await send(mail, wrong.url.replace('smtp://', 'smtp://user:pass@'))).toEqual(away(true, 'wrong password'));
    const untrusted = await smtpServer({ secure: true });
    expect(await send(mail, untrusted.url.replace('smtp://', 'smtps://'))).toMatchObject({ outcome: 'away' });
  });

  it('is not waited for when the service stops', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopping'));
    await expect(send(mail, 'smtp://mail.invalid', stop.signal)).rejects.toThrow('stopping');
  });
});
