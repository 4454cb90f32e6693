/** A server that outlived its supervisor must not write into files that a new one opens. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../infra/local/free-port.ts';
import { endLeftoverServer } from '../../infra/local/leftover-server.ts';
import { redisAnswers, redisCommand, redisUrl } from '../../infra/local/redis-server.ts';
import { launchProgram } from '../support/command-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('it is ended', async () => {
  await using directory = await temporaryDirectory();
  const port = await freePort();
  await using redis = launchProgram(...redisCommand({ port, directory: directory.path }), {});
  await redisAnswers(redisUrl(port), AbortSignal.timeout(10_000));
  const pidFile = join(directory.path, 'redis.pid');
  await writeFile(pidFile, `${redis.pid}\n`);

  await endLeftoverServer(pidFile, directory.path);
  expect(await redis.ended).toBe(0);
});

test('a process that got its pid since then is left alone', async () => {
  await using directory = await temporaryDirectory();
  await using bystander = launchProgram('sleep', ['60'], {});
  const pidFile = join(directory.path, 'redis.pid');
  await writeFile(pidFile, `${bystander.pid}\n`);

  await endLeftoverServer(pidFile, directory.path);
  expect(process.kill(bystander.pid, 0)).toBe(true);
});
