import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { type MailCatcherOptions, startMailCatcher } from '../../infra/local/mail-catcher/mail-catcher.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function caught(options: Partial<MailCatcherOptions> = {}) {
  await using owned = new AsyncDisposableStack();
  const directory = options.directory ?? owned.use(await temporaryDirectory()).path;
  const catcher = await startMailCatcher({ host: '127.0.0.1', ...options, directory });
  owned.defer(() => catcher.stop());
  const transport = createTransport(catcher.smtpUrl);
  const running = owned.move();
  return {
    ...catcher,
    directory,
    send: (mail: SendMailOptions) => transport.sendMail({ from: 'house@example.org', to: 'ada@example.org', ...mail }),
    get: (path: string) => fetch(catcher.url + path),
    names: async () => (await readdir(directory)).sort(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The status of a GET with any Host and any path, which `fetch` would mend. */
async function statusOf(url: string, path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  const asked = request({ hostname, port, path, headers }).end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

describe('a caught mail', () => {
  it('is whole on the disk before the sender hears so', async () => {
    await using catcher = await caught();
    const { response } = await catcher.send({ subject: 'one', text: 'line\n.\n..dots\nend', messageId: '<1@x>' });
    const [name = '', ...others] = await catcher.names();
    expect(others).toEqual([]);
    expect(response).toBe(`250 kept as ${name}`);
    expect(await readFile(join(catcher.directory, name), 'utf8')).toContain('\r\nline\r\n.\r\n..dots\r\nend');
  });

  it('has a file name that sorts by time', async () => {
    await using catcher = await caught();
    const answers: string[] = [];
    for (let i = 0; i < 12; i++) answers.push((await catcher.send({ subject: `${i}`, text: 'x' })).response);
    expect(answers.map((answer) => answer.replace('250 kept as ', ''))).toEqual(await catcher.names());
  });

  it('is not acknowledged when it cannot be kept', async () => {
    await using catcher = await caught();
    await rm(catcher.directory, { recursive: true });
    await expect(catcher.send({ subject: 'x', text: 'x' })).rejects.toMatchObject({ responseCode: 452 });
  });

  it('that is too large is refused and leaves nothing', async () => {
    await using catcher = await caught({ maxMailBytes: 20_000 });
    await expect(catcher.send({ subject: 'x', text: 'x'.repeat(50_000) })).rejects.toMatchObject({ responseCode: 552 });
    expect(await catcher.names()).toEqual([]);
    await catcher.send({ subject: 'x', text: 'small' });
    expect(await catcher.names()).toHaveLength(1);
  });

  it('that breaks off leaves nothing', async () => {
    await using catcher = await caught();
    const { hostname, port } = new URL(catcher.smtpUrl);
    const client = connect(Number(port), hostname);
    for (const line of ['EHLO x', 'MAIL FROM:<a@b.c>', 'RCPT TO:<a@b.c>', 'DATA']) {
      await once(client, 'data');
      client.write(`${line}\r\n`);
    }
    await once(client, 'data');
    client.write(`Subject: half\r\n\r\n${'half a mail\r\n'.repeat(1000)}`);
    await eventually(async () => expect(await catcher.names()).toHaveLength(1), { within: 5000 });
    client.destroy();
    await eventually(async () => expect(await catcher.names()).toEqual([]), { within: 5000 });
  });
});

describe('the list', () => {
  it('shows the mails, newest first, and outlives a restart, but for what was half received', async () => {
    await using directory = await temporaryDirectory();
    {
      await using before = await caught({ directory: directory.path });
      await before.send({ subject: 'the first', text: 'x' });
      await before.send({ subject: 'Żółć 🧬', text: 'x', to: 'ada@example.org, Bob <bob@example.org>' });
    }
    await writeFile(join(directory.path, '.2026-11-23T10-24-00-123Z-0001-5f3a.eml.part'), 'half');
    await writeFile(join(directory.path, 'notes.txt'), 'not a mail');

    await using after = await caught({ directory: directory.path });
    const page = await (await after.get('/')).text();
    expect(page).toContain('2 mails');
    expect(page.indexOf('Żółć 🧬')).toBeGreaterThan(0);
    expect(page.indexOf('Żółć 🧬')).toBeLessThan(page.indexOf('the first'));
    expect(page).toContain('to ada@example.org, &#34;Bob&#34; &#60;bob@example.org&#62;, from house@example.org');
    expect((await after.names()).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('shows a mail the moment after it was taken', async () => {
    await using catcher = await caught();
    expect(await (await catcher.get('/')).text()).toContain('0 mails');
    await catcher.send({ subject: 'fresh', text: 'x' });
    expect(await (await catcher.get('/')).text()).toContain('fresh');
  });
});

describe('the page of a mail', () => {
  const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>';

  it('cannot be injected into by subject, names, text or attachments', async () => {
    await using catcher = await caught();
    await catcher.send({
      subject: hostile,
      from: { name: hostile, address: 'house@example.org' },
      text: hostile,
      html: `<p>${hostile}</p>`,
      attachments: [{ filename: `${hostile}.txt`, content: 'x' }],
    });
    const [name] = await catcher.names();
    for (const path of ['/', `/mails/${name}`]) {
      const answer = await catcher.get(path);
      const page = await answer.text();
      expect(page).not.toMatch(/<script|<img/);
      expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  it('shows its HTML as it is, in a sandbox without scripts', async () => {
    await using catcher = await caught();
    await catcher.send({ subject: 'x', text: 'plain', html: '<p>rich</p><script>alert(1)</script>' });
    const [name] = await catcher.names();
    expect(await (await catcher.get(`/mails/${name}`)).text()).toContain(`<iframe src="/mails/${name}/body"`);

    const body = await catcher.get(`/mails/${name}/body`);
    expect(await body.text()).toContain('<p>rich</p>');
    const policy = body.headers.get('content-security-policy')?.split('; ') ?? [];
    expect(policy).toContain("default-src 'none'");
    expect(policy.find((rule) => rule.startsWith('sandbox'))).not.toMatch(
      /allow-scripts|allow-same-origin|allow-forms/,
    );
    expect(policy.filter((rule) => rule.startsWith('script-src'))).toEqual([]);
  });

  it('has the source as a download, byte for byte', async () => {
    await using catcher = await caught();
    await catcher.send({ subject: 'x', text: 'ünïcode' });
    const [name = ''] = await catcher.names();
    const source = await catcher.get(`/mails/${name}/source`);
    expect(Buffer.from(await source.arrayBuffer())).toEqual(await readFile(join(catcher.directory, name)));
    expect(source.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
  });

  it('has no HTML and no attachments where the mail has none', async () => {
    await using catcher = await caught();
    await catcher.send({ subject: 'x', text: 'only text' });
    const [name] = await catcher.names();
    const page = await (await catcher.get(`/mails/${name}`)).text();
    expect(page).toContain('<pre dir="auto">only text');
    expect(page).not.toMatch(/<iframe|Attachments/);
  });
});

describe('the door of the pages', () => {
  it('is open to a browser that means this machine only', async () => {
    await using catcher = await caught();
    const { port } = new URL(catcher.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'localhost']) {
      expect(await statusOf(catcher.url, '/', { host }), host).toBe(200);
    }
    for (const host of [`evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example', 'localhost@evil']) {
      expect(await statusOf(catcher.url, '/', { host }), host).toBe(421);
    }
  });

  it('leads to mails and to nothing else', async () => {
    await using house = await temporaryDirectory();
    await writeFile(join(house.path, 'outside.eml'), 'outside');
    await using catcher = await caught({ directory: join(house.path, 'mail') });
    await writeFile(join(catcher.directory, 'inside.eml'), 'no name of ours');
    await catcher.send({ subject: 'x', text: 'x' });
    const name = (await catcher.names()).find((file) => file !== 'inside.eml');
    expect(await statusOf(catcher.url, `/mails/${name}`)).toBe(200);
    for (const path of [
      '/mails/../outside.eml',
      '/mails/..%2foutside.eml',
      '/mails/inside.eml',
      '/mails/',
      '/mails',
      '/x',
      `/x/${name}`,
    ]) {
      expect(await statusOf(catcher.url, path), path).toBe(404);
    }
    for (const path of [`/mails/${name}/other`, `/mails/${name}/body/x`, '/mails/.', '/mails/..']) {
      expect(await statusOf(catcher.url, path), path).toBe(404);
    }
    expect((await fetch(catcher.url, { method: 'DELETE' })).status).toBe(405);
  });

  it('says where it listens, also on IPv6', async () => {
    await using catcher = await caught({ host: '::1' });
    expect(catcher.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await catcher.get('/')).status).toBe(200);
    await catcher.send({ subject: 'x', text: 'x' });
    expect(await catcher.names()).toHaveLength(1);
  });

  it('that is taken is an error, and leaves no other server behind', async () => {
    await using first = await caught();
    const httpPort = Number(new URL(first.url).port);
    await expect(caught({ httpPort })).rejects.toThrow('EADDRINUSE');
    await expect(caught({ smtpPort: Number(new URL(first.smtpUrl).port) })).rejects.toThrow('EADDRINUSE');
  });
});
