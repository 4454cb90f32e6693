/** `npm run compose:init`, on a file of its own. */
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runTool } from '../../shared/run-tool.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SCRIPT = join(import.meta.dirname, '../../infra/compose/init.mjs');
const SECRETS = ['REDIS_PASSWORD', 'MINIO_ROOT_PASSWORD', 'S3_SECRET_ACCESS_KEY'];

const init = (file: string) => runTool(process.execPath, [SCRIPT, file], { timeoutMs: 10_000 });
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

function settings(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}

it('writes passwords, no two of them alike, for its owner only', async () => {
  await using directory = await temporaryDirectory();
  const files = [join(directory.path, 'a'), join(directory.path, 'b')];
  const passwords: string[] = [];
  for (const file of files) {
    expect(await init(file)).toContain('docker compose up --build');
    expect(await modeOf(file)).toBe(0o600);
    const written = settings(await readFile(file, 'utf8'));
    expect([...written.keys()]).toEqual(SECRETS);
    passwords.push(...written.values());
  }
  expect(new Set(passwords).size).toBe(6);
  // MinIO takes no longer ones.
  for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{40}$/);
});

it('changes nothing of a file that has all, but for who may read it', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, '.env');
  await init(file);
  await chmod(file, 0o644);
  const before = await readFile(file, 'utf8');
  expect(await init(file)).toContain('stays as it is');
  expect(await readFile(file, 'utf8')).toBe(before);
  expect(await modeOf(file)).toBe(0o600);
});

it('adds what is missing or empty to a file that is there', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, '.env');
  const before = "PORT=9090\n# MINIO_ROOT_PASSWORD=commented\nREDIS_PASSWORD='mine'\nS3_SECRET_ACCESS_KEY=";
  await writeFile(file, before);
  expect(await init(file)).toContain('added MINIO_ROOT_PASSWORD, S3_SECRET_ACCESS_KEY;');
  const after = await readFile(file, 'utf8');
  expect(after.startsWith(`${before}\n`)).toBe(true);
  expect(settings(after).get('PORT')).toBe('9090');
  expect(settings(after).get('REDIS_PASSWORD')).toBe("'mine'");
  for (const name of ['MINIO_ROOT_PASSWORD', 'S3_SECRET_ACCESS_KEY']) {
    expect(settings(after).get(name)).toMatch(/^[0-9a-f]{40}$/);
  }
});
