/** The upload service that is started before Redis. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../infra/local/free-port.ts';
import { redisCommand, redisUrl } from '../../infra/local/redis-server.ts';
import { serviceCommand } from '../../infra/local/service-command.ts';
import { leashed } from '../../shared/leash.ts';
import { ask, json } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const instructor = 'ada@example.org';
const AT_ONCE_MS = 1_500;

describe('the upload service that is started without Redis', () => {
  async function startWithout() {
    await using owned = new AsyncDisposableStack();
    const directory = owned.use(await temporaryDirectory());
    const [port, redisPort] = [await freePort(), await freePort()];
    const child = spawn(...leashed(...serviceCommand('upload')), {
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: join(directory.path, 'data'),
        PORT: String(port),
        REDIS_URL: redisUrl(redisPort),
        LOG_LEVEL: 'silent',
        MIN_FREE_BYTES: '0',
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit');
    let ready = false;
    child.on('message', () => {
      ready = true;
    });
    owned.defer(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const url = `http://127.0.0.1:${port}`;
    await eventually(async () => expect((await fetch(`${url}/healthz`)).status).toBe(200), { within: 15_000 });
    const running = owned.move();
    return {
      url,
      child,
      ended,
      directory: directory.path,
      redisPort,
      isReady: () => ready,
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  }

  it('listens, answers 503 at once, and works when Redis comes', async () => {
    await using service = await startWithout();
    const said = await ask(service, 'POST', '/v1/batches', json({ instructor }));
    expect(said).toMatchObject({ status: 503, retryAfter: '5' });
    expect(said.tookMs).toBeLessThan(AT_ONCE_MS);
    expect((await ask(service, 'GET', '/readyz')).status).toBe(503);
    expect(service.isReady()).toBe(false);

    const redis = spawn(...leashed(...redisCommand({ port: service.redisPort, directory: service.directory })), {
      stdio: 'ignore',
    });
    try {
      await eventually(() => expect(service.isReady()).toBe(true), { within: 15_000 });
      expect((await ask(service, 'POST', '/v1/batches', json({ instructor }))).status).toBe(201);
    } finally {
      redis.kill('SIGKILL');
      await once(redis, 'exit');
    }
  });

  it('stops within seconds all the same', async () => {
    await using service = await startWithout();
    const begun = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.ended).toEqual([0, null]);
    expect(performance.now() - begun).toBeLessThan(8_000);
  });
});
