/** Probes of the services that have no HTTP server of their own. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../infra/local/free-port.ts';
import type { ServiceName } from '../../infra/local/service-command.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisProcess } from '../support/redis-process.ts';
import { startService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function startProbed(name: ServiceName) {
  await using owned = new AsyncDisposableStack();
  const redis = owned.use(await startRedisProcess());
  const dataDir = join(owned.use(await temporaryDirectory()).path, 'data');
  const port = await freePort();
  const settings = { DATA_DIR: dataDir, REDIS_URL: redis.url, HEALTH_PORT: String(port), LOG_LEVEL: 'silent' };
  const service = owned.use(await startService(name, settings));
  const running = owned.move();
  return {
    redis,
    dataDir,
    service,
    async ask(path: string) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, text: (await response.text()).trim() };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const ok = { status: 200, text: 'ok' };

describe('the probes', () => {
  it('of the notification service say that it lives, whether it can work, and why not', async () => {
    await using probed = await startProbed('notification');
    expect(await probed.ask('/healthz')).toEqual(ok);
    expect(await probed.ask('/readyz')).toEqual(ok);
    expect(await probed.ask('/elsewhere')).toMatchObject({ status: 404 });

    await rm(join(probed.dataDir, 'storage'), { recursive: true });
    expect(await probed.ask('/readyz')).toMatchObject({ status: 503, text: expect.stringMatching(/^storage: /) });
    expect(await probed.ask('/healthz')).toEqual(ok);
  });

  it('of a transcoder are answered although Redis is not', async () => {
    await using probed = await startProbed('transcoder');
    expect(await probed.ask('/readyz')).toEqual(ok);
    process.kill(probed.redis.pid, 'SIGKILL');
    const broken = { status: 503, text: expect.stringMatching(/Redis/) };
    await eventually(async () => expect(await probed.ask('/readyz')).toMatchObject(broken), { within: 15_000 });
    expect(await probed.ask('/healthz')).toEqual(ok);
    // Stopping in order takes its time without Redis.
    process.kill(probed.service.pid, 'SIGKILL');
  });
});
