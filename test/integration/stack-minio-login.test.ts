/** The password and the ports of the stack's own MinIO, from start to start. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepLogin } from '../../infra/local/minio-login.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('they stay, and only their owner may read them', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'login.json');
  const first = await keepLogin(file);
  expect(first.password).toMatch(/^[\w-]{32}$/);
  expect(await keepLogin(file)).toEqual(first);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a port that somebody else took in between is replaced, and only that', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'login.json');
  const first = await keepLogin(file);
  await using other = createServer();
  await new Promise<void>((resolve) => other.listen(first.port, '127.0.0.1', resolve));
  const second = await keepLogin(file);
  expect(second.port).not.toBe(first.port);
  expect(second).toEqual({ ...first, port: second.port });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(second);
});

test('a file that is no login is left as it is, and said in one line', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'login.json');
  await writeFile(file, '{ "user": ');
  await expect(keepLogin(file)).rejects.toThrow(`${file} cannot be read. Mend it, or remove it for a new password.`);
  expect(await readFile(file, 'utf8')).toBe('{ "user": ');
});
