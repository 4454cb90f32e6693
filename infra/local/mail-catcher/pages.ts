/**
 * The mail catcher in the browser: the list of mails, each mail, and its source. Mails come from anyone, so their HTML
 * is shown in a sandbox without scripts, and only a browser that means this machine is answered.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listPage } from './list-page.ts';
import { mailBody, mailPage } from './mail-page.ts';
import type { Mailbox } from './mailbox.ts';
import { urlOf } from './url-of.ts';

export interface Pages extends AsyncDisposable {
  readonly url: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export async function startPages(mailbox: Mailbox, { host, port }: { host: string; port: number }): Promise<Pages> {
  const server = createServer((request, response) => {
    answer(mailbox, request).then(
      (found) => write(response, found),
      (error: Error) => write(response, text(500, `The mails cannot be read: ${error.message}`)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: urlOf('http', server.address() as AddressInfo),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Names by which a browser on this machine calls it. Another name that leads here is DNS rebinding. */
const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]'];

async function answer(mailbox: Mailbox, { method = '', url = '/', headers }: IncomingMessage): Promise<Answer> {
  if (!isForThisMachine(headers.host)) return text(421, `Open this page as ${OWN_NAMES.join(' or ')}.`);
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'Mails can only be read here.');
  if (url === '/') return page(listPage(await mailbox.list()).toString());

  const [, mails, name = '', part, ...rest] = url.split('/');
  const content = mails === 'mails' && rest.length === 0 ? await mailbox.read(name) : undefined;
  if (content === undefined) return text(404, 'There is no such mail.');
  switch (part) {
    case undefined:
      return page((await mailPage(name, content)).toString());
    case 'body':
      return body(await mailBody(content));
    case 'source':
      return source(name, content);
    default:
      return text(404, 'There is no such part of a mail.');
  }
}

function isForThisMachine(host: string | undefined): boolean {
  return URL.canParse(`http://${host}`) && OWN_NAMES.includes(new URL(`http://${host}`).hostname);
}

function page(content: string): Answer {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'";
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'X-Frame-Options': 'DENY',
    },
    body: content,
  };
}

/** A mail's own HTML: pictures and styles, no scripts, no forms, an origin of its own; its links open in new tabs. */
function body(content: string): Answer {
  const policy = [
    'sandbox allow-popups allow-popups-to-escape-sandbox',
    "default-src 'none'",
    'img-src http: https: data:',
    "style-src 'unsafe-inline'",
    "frame-ancestors 'self'",
  ];
  return {
    status: 200,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy.join('; ') },
    body: content,
  };
}

function source(name: string, content: Buffer): Answer {
  const disposition = `attachment; filename="${name}"`;
  return {
    status: 200,
    headers: {
      'Content-Type': 'message/rfc822',
      'Content-Disposition': disposition,
      'Content-Security-Policy': 'sandbox',
    },
    body: content,
  };
}

function text(status: number, message: string): Answer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${message}\n` };
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, {
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
