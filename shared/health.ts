/** Probes of a service that has no HTTP server of its own: GET /healthz (it lives), GET /readyz (it can work). */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import { StorageError } from './errors.ts';
import { inTime } from './in-time.ts';
import type { Storage } from './storage/storage.ts';

/**
 * Commands of a worker wait for a Redis that is away without an end; a probe must not: Kubernetes gives up on it after 1 s
 * unless told otherwise.
 */
const ANSWER_WITHIN_MS = 1_000;

/** Resolves when what every service works with answers. @throws soon when it does not, saying which. */
export async function dependenciesAnswer(redis: Redis, storage: Storage): Promise<void> {
  await Promise.all([
    inTime(redis.ping(), ANSWER_WITHIN_MS, () => new Error('Redis does not answer')),
    inTime(storage.check(), ANSWER_WITHIN_MS, () => new StorageError('away', 'storage: it does not answer')),
  ]);
}

export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * @param place port 0 takes a free one.
 * @param check rejects in time when the service cannot work, with a message that says why.
 */
export async function serveHealth(
  place: { readonly host: string; readonly port: number },
  check: () => Promise<void>,
): Promise<HealthServer> {
  const server = createServer(async (request, response) => {
    const { status, text } = await answer(request.url, check);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  });
  server.listen(place);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => close(server),
  };
}

async function answer(url: string | undefined, check: () => Promise<void>): Promise<{ status: number; text: string }> {
  if (url === '/healthz') return { status: 200, text: 'ok' };
  if (url !== '/readyz') return { status: 404, text: 'There are /healthz and /readyz.' };
  try {
    await check();
    return { status: 200, text: 'ok' };
  } catch (error) {
    return { status: 503, text: error instanceof Error ? error.message : String(error) };
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  if (server.listening) await once(server, 'close');
}
