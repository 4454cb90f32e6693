/** Whatever is killed with -9: what can be started again is, and nothing is left behind. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeImage } from '../../fixtures/make.ts';
import { Client } from '../support/client.ts';
import { type CommandProcess, launch, pidOf, processesOf } from '../support/command-process.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SERVICES = ['upload', 'transcoder', 'notification', 'redis'];

describe('kill -9', needs.linux, () => {
  test('each service and Redis are started again, and a batch goes through to its mail', async () => {
    await using directory = await temporaryDirectory();
    await using start = launch('start', { DATA_DIR: directory.path });
    const url = await start.ready();
    for (const service of SERVICES) {
      const pid = await pidOf(service, directory.path);
      process.kill(pid, 'SIGKILL');
      await isStartedAgain(service, pid, directory.path);
      expect(start.stderr()).toContain(`${service} was killed by SIGKILL; it starts again in 0.5 s`);
    }
    await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { within: 20_000 });

    const client = new Client(url);
    const picture = await makeImage({ file: join(directory.path, 'picture.jpg'), width: 640, height: 480 });
    const { id } = (await client.openBatch({ instructor: 'ada@school.example', title: 'After the crashes' })).body;
    await client.putUpload(id, 'picture.jpg', await readFile(picture));
    await client.sealBatch(id);
    const batch = await eventually(
      async () => {
        const { body } = await client.readBatch(id);
        expect(body.notifiedAt).toBeDefined();
        return body;
      },
      { within: 30_000 },
    );
    expect(batch.uploads.map((upload) => upload.state)).toEqual(['ready']);
  });

  test('one that dies again and again waits longer each time', async () => {
    await using directory = await temporaryDirectory();
    await using start = launch('start', { DATA_DIR: directory.path });
    await start.ready();
    for (let death = 0; death < 3; death++) {
      const pid = await pidOf('notification', directory.path);
      process.kill(pid, 'SIGKILL');
      await isStartedAgain('notification', pid, directory.path);
    }
    expect(pausesIn(start)).toEqual(['0.5', '1', '2']);
  });

  test('the supervisor: all its children die with it', async () => {
    await using directory = await temporaryDirectory();
    await using start = launch('start', { DATA_DIR: directory.path });
    await start.ready();
    expect(await processesOf(directory.path)).toHaveLength(5);
    // One that hangs cannot notice that its parent is gone.
    process.kill(await pidOf('transcoder', directory.path), 'SIGSTOP');
    process.kill(start.pid, 'SIGKILL');
    await expect.poll(() => processesOf(directory.path), { timeout: 3000 }).toEqual([]);
  });

  test('the supervisor: a new one starts at once on the same data', async () => {
    await using directory = await temporaryDirectory();
    await using start = launch('start', { DATA_DIR: directory.path });
    await start.ready();
    process.kill(start.pid, 'SIGKILL');
    await using again = launch('start', { DATA_DIR: directory.path });
    const children = await again.ready().then(() => Promise.all(SERVICES.map((name) => pidOf(name, directory.path))));
    const running = (await processesOf(directory.path)).map((line) => Number.parseInt(line, 10));
    expect(running.sort()).toEqual([again.pid, ...children].sort());
  });
});

async function isStartedAgain(service: string, oldPid: number, dataDir: string): Promise<void> {
  await expect.poll(() => pidOf(service, dataDir).catch(() => oldPid), { timeout: 10_000 }).not.toBe(oldPid);
}

const pausesIn = (start: CommandProcess) =>
  [...start.stderr().matchAll(/it starts again in ([\d.]+) s/g)].map(([, seconds]) => seconds);
