/** Probes of the services that have no HTTP server of their own. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../infra/local/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisProcess } from '../support/redis-process.ts';
import { startService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe.each(['transcoder', 'notification'] as const)('the probes of the %s service', (name) => {
  it('say that it lives, whether it can work, and why not', async () => {
    await using redis = await startRedisProcess();
    await using directory = await temporaryDirectory();
    const port = await freePort();
    await using _service = await startService(name, {
      DATA_DIR: join(directory.path, 'data'),
      REDIS_URL: redis.url,
      HEALTH_PORT: String(port),
      LOG_LEVEL: 'silent',
    });
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, text: (await response.text()).trim() };
    };
    expect(await ask('/healthz')).toEqual({ status: 200, text: 'ok' });
    expect(await ask('/readyz')).toEqual({ status: 200, text: 'ok' });
    expect(await ask('/elsewhere')).toMatchObject({ status: 404 });

    process.kill(redis.pid, 'SIGKILL');
    const broken = { status: 503, text: expect.stringMatching(/Redis/) };
    await eventually(async () => expect(await ask('/readyz')).toMatchObject(broken), { within: 10_000 });
    expect(await ask('/healthz')).toEqual({ status: 200, text: 'ok' });
  });
});
