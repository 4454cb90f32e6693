/** `npm start -- --minio`: the stack with an S3 server and a console of its own. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Client as S3Client } from 'minio';
import { describe, expect, test } from 'vitest';
import { makeImage } from '../../fixtures/make.ts';
import { Misconfigured } from '../../shared/errors.ts';
import { makeBuckets } from '../support/buckets.ts';
import { Client } from '../support/client.ts';
import { type CommandProcess, launch, pidOf, processesOf } from '../support/command-process.ts';
import { eventually } from '../support/eventually.ts';
import { startHouse } from '../support/house.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('npm start -- --minio', { ...needs.minioProgram, timeout: 120_000 }, () => {
  test('keeps files in a MinIO of its own, over a kill and a restart, and leaves nothing running', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    const login = join(dataDir, 'minio/login.json');
    let address: string;
    let batch: string;
    let before: Buffer[];
    {
      await using start = launch('start', { DATA_DIR: dataDir }, ['--minio']);
      const url = await start.ready();
      address = await consoleOf(start, login);
      expect((await fetch(address)).status).toBe(200);
      expect(start.stdout()).toContain(`media  ${address}/browser/projectionist/media%2F\n`);
      expect((await stat(login)).mode & 0o777).toBe(0o600);

      const pid = await pidOf('minio', dataDir);
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => pidOf('minio', dataDir).catch(() => pid), { timeout: 10_000 }).not.toBe(pid);
      expect(start.stderr()).toContain('minio was killed by SIGKILL; it starts again in 0.5 s');
      await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { within: 20_000 });

      batch = await sendPicture(new Client(url), directory.path);
      before = await served(url, batch);
      expect(before.length).toBeGreaterThan(3);
      expect(await inBucket(login, `media/${batch}/`)).toEqual(expect.arrayContaining(before));
      expect(await inBucket(login, 'records/')).toHaveLength(4);

      process.kill(start.pid, 'SIGTERM');
      expect(await start.ended).toBe(0);
      expect(await processesOf(dataDir)).toEqual([]);
    }
    await using again = launch('start', { DATA_DIR: dataDir }, ['--minio']);
    const url = await again.ready();
    expect(await consoleOf(again, login)).toBe(address);
    expect(await served(url, batch)).toEqual(before);
    process.kill(again.pid, 'SIGKILL');
    await expect.poll(() => processesOf(dataDir), { timeout: 5000 }).toEqual([]);
  });
});

describe('the stack', () => {
  test.each([
    [{ STORAGE: 'disk' }, 'STORAGE=disk'],
    [{ STORAGE: 's3', S3_ENDPOINT: 'https://s3.example' }, 'S3_ENDPOINT'],
  ])('refuses --minio together with %o in one line', async (env, named) => {
    await using directory = await temporaryDirectory();
    await using start = launch('start', { DATA_DIR: directory.path, ...env }, ['--minio']);
    expect(await start.ended).toBe(78);
    expect(start.stderr()).toBe(`--minio starts an S3 server of its own: leave it out, or else ${named}\n`);
  });

  test('refuses flags that it does not know', async () => {
    await using start = launch('start', {}, ['--mino']);
    expect(await start.ended).toBe(2);
    expect(start.stderr()).toBe('usage: npm start [-- --minio]\n');
  });

  test('says in one line what is wrong with somebody else’s bucket', needs.s3, async () => {
    await using buckets = await makeBuckets();
    const house = startHouse({ ...buckets.env, S3_SECRET_ACCESS_KEY: 'not-the-one-that-belongs-to-it' });
    await expect(house).rejects.toThrow(Misconfigured);
    await expect(house).rejects.toThrow(/^(S3_SECRET_ACCESS_KEY|bucket test-).+$/);
  });
});

/** Address of the console, as printed, which is after the ready line. */
async function consoleOf(start: CommandProcess, login: string): Promise<string> {
  await expect.poll(() => start.stdout(), { timeout: 5000 }).toMatch(/^logs /m);
  const [, url = '', place] = /^console {2}(\S+) \(user projectionist, password in (.+)\)$/m.exec(start.stdout()) ?? [];
  expect(place).toBe(login);
  return url;
}

async function sendPicture(client: Client, directory: string): Promise<string> {
  const picture = await makeImage({ file: join(directory, 'picture.jpg'), width: 640, height: 480 });
  const { id } = (await client.openBatch({ instructor: 'ada@school.example' })).body;
  await client.putUpload(id, 'picture.jpg', await readFile(picture));
  await client.sealBatch(id);
  await eventually(async () => expect((await client.readBatch(id)).body.notifiedAt).toBeDefined(), { within: 30_000 });
  return id;
}

/** Every variant of the batch, as the upload service gives it. */
async function served(url: string, batch: string): Promise<Buffer[]> {
  const { uploads } = (await new Client(url).readBatch(batch)).body;
  const links = uploads.flatMap(({ variants }) => variants.map((variant) => url + variant.url));
  return Promise.all(links.map(async (link) => Buffer.from(await (await fetch(link)).arrayBuffer())));
}

/** What lies below a prefix, as another reader than our own driver sees it. */
async function inBucket(login: string, prefix: string): Promise<Buffer[]> {
  const { user, password, port } = JSON.parse(await readFile(login, 'utf8'));
  const s3 = new S3Client({ endPoint: '127.0.0.1', port, useSSL: false, accessKey: user, secretKey: password });
  const keys: string[] = [];
  for await (const { name } of s3.listObjectsV2('projectionist', prefix, true)) keys.push(name);
  return Promise.all(keys.map(async (key) => buffer(await s3.getObject('projectionist', key))));
}
