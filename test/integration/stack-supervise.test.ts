/** What the supervisor says and does with a program that does not do its work. */
import { expect, test } from 'vitest';
import { CannotGoOn } from '../../infra/local/cannot-go-on.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { redisUrl } from '../../infra/local/redis-server.ts';
import { startStack } from '../../infra/local/stack.ts';
import { supervise } from '../../infra/local/supervise.ts';
import { Misconfigured } from '../../shared/errors.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('a program that refuses its settings is not started again, and its last words are the reason', async () => {
  await using directory = await temporaryDirectory();
  const said: string[] = [];
  const gaveUp = Promise.withResolvers<Error>();
  const supervised = await supervise(
    {
      name: 'picky',
      command: [process.execPath, ['--eval', 'console.error("S3_BUCKET: there is none"); process.exit(78)']],
      env: process.env,
      announcesReady: true,
    },
    { runDir: directory.path, logDir: directory.path, say: (line) => said.push(line), giveUp: gaveUp.resolve },
  );
  const error = await gaveUp.promise;
  await supervised.stop();
  expect(error).toBeInstanceOf(Misconfigured);
  expect(error.message).toBe('S3_BUCKET: there is none');
  expect(said).toEqual([]);
});

test('a program that cannot be started at all is tried again', async () => {
  await using directory = await temporaryDirectory();
  const said = Promise.withResolvers<string>();
  const supervised = await supervise(
    { name: 'absent', command: ['/no/such/program', []], env: process.env, announcesReady: false },
    { runDir: directory.path, logDir: directory.path, say: said.resolve, giveUp: said.reject },
  );
  expect(await said.promise).toMatch(/^absent .*; it starts again in 0\.5 s/);
  await supervised.stop();
});

test('a stack that does not come up names who does not, and is gone', async () => {
  await using directory = await temporaryDirectory();
  const env = { ...process.env, DATA_DIR: directory.path, REDIS_URL: redisUrl(await freePort()) };
  const start = startStack({ env, say: () => {}, startWithinMs: 5000 });
  await expect(start).rejects.toThrow(CannotGoOn);
  await expect(start).rejects.toThrow(
    /^upload did not come up within 5 s\. The end of .*upload\.log:\n(.*\n)* +Redis: .*ECONNREFUSED/,
  );
  await using again = await startStack({ env: { ...env, REDIS_URL: '' }, say: () => {} });
  expect((await fetch(`${again.url}/readyz`)).status).toBe(200);
});
