/** A redis-server of a test's own, to be paused or killed: `await using redis = await startRedisProcess()`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../infra/local/free-port.ts';
import { redisAnswers, redisCommand, redisUrl } from '../../infra/local/redis-server.ts';
import { leashed } from '../../shared/leash.ts';
import type { TestRedis } from './redis.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const UP_WITHIN_MS = 10_000;

export interface TestRedisProcess extends TestRedis {
  readonly pid: number;
}

/** Starts redis-server as the embedded stack does, in a directory that is removed with it. */
export async function startRedisProcess(): Promise<TestRedisProcess> {
  await using owned = new AsyncDisposableStack();
  const directory = owned.use(await temporaryDirectory());
  const port = await freePort();
  const child = spawn(...leashed(...redisCommand({ port, directory: directory.path })), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  owned.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });

  const url = redisUrl(port);
  const died = ended.then(() => Promise.reject(new Error(`redis-server ended at once:\n${printed}`)));
  await Promise.race([redisAnswers(url, AbortSignal.timeout(UP_WITHIN_MS)), died]);

  const { pid } = child;
  if (pid === undefined) throw new Error('redis-server has no pid');
  const running = owned.move();
  return { url, pid, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
