/** `npm start` from its ready line to its last process. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Client } from '../support/client.ts';
import { launch, pidOf, processesOf, processGroupOf } from '../support/command-process.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SERVICES = ['upload', 'transcoder', 'notification', 'redis'];

describe('npm start', needs.linux, () => {
  test('it says where it is, runs each service as a process of its own, and leaves none', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'a path with spaces');
    await using start = launch('start', { DATA_DIR: dataDir });
    const url = await start.ready();

    expect(start.stdout().match(/^ready /gm)).toHaveLength(1);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(start.stdout()).toContain(join(dataDir, 'mail'));
    expect(start.stdout()).toContain(join(dataDir, 'storage/media'));
    const mailPage = /^mails +(http:\S+)/m.exec(start.stdout())?.[1];
    expect((await fetch(String(mailPage))).status).toBe(200);

    const pids = await Promise.all(SERVICES.map((service) => pidOf(service, dataDir)));
    expect(new Set([start.pid, ...pids]).size).toBe(5);
    const running = (await processesOf(dataDir)).join('\n');
    for (const [index, service] of SERVICES.entries()) {
      expect(running).toMatch(new RegExp(`^${pids[index]} .*${service}`, 'm'));
      // A Ctrl-C in the terminal goes to the group of the supervisor only.
      expect(await processGroupOf(Number(pids[index]))).toBe(pids[index]);
    }

    process.kill(start.pid, 'SIGTERM');
    expect(await start.ended).toBe(0);
    expect(await processesOf(dataDir)).toEqual([]);
    expect(start.stderr()).toBe('');
    await expect(pidOf('redis', dataDir)).rejects.toThrow('ENOENT');
    // Redis is the last to go: no service has missed it.
    for (const service of ['upload', 'transcoder', 'notification']) {
      expect(await readFile(join(dataDir, 'log', `${service}.log`), 'utf8')).not.toContain('Redis: ');
    }
  });

  test('what was stored is there after a restart', async () => {
    await using directory = await temporaryDirectory();
    const about = { instructor: 'ada@school.example', title: 'Before the restart' };
    let id: string;
    {
      await using start = launch('start', { DATA_DIR: directory.path });
      id = (await new Client(await start.ready()).openBatch(about)).body.id;
      process.kill(start.pid, 'SIGINT');
      expect(await start.ended).toBe(0);
    }
    await using again = launch('start', { DATA_DIR: directory.path });
    expect((await new Client(await again.ready()).readBatch(id)).body).toMatchObject(about);
  });

  test('a second stack on the same DATA_DIR is told so, and the first goes on', async () => {
    await using directory = await temporaryDirectory();
    await using first = launch('start', { DATA_DIR: directory.path });
    const url = await first.ready();

    await using second = launch('start', { DATA_DIR: directory.path });
    expect(await second.ended).toBe(1);
    expect(second.stdout()).toBe('');
    expect(second.stderr()).toBe(
      `Another Projectionist is using ${directory.path}. Stop it, or set DATA_DIR to another directory.\n`,
    );
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('a wrong setting is one line each, and nothing is started', async () => {
    await using directory = await temporaryDirectory();
    await using start = launch('start', { DATA_DIR: directory.path, PORT: 'http', TRANSCODE_CONCURRENCY: '0' });
    expect(await start.ended).toBe(78);
    expect(start.stdout()).toBe('');
    expect(start.stderr().split('\n')).toEqual([
      expect.stringMatching(/^PORT: expected a whole number .*got "http"$/),
      expect.stringMatching(/^TRANSCODE_CONCURRENCY: expected a whole number .*got "0"$/),
      '',
    ]);
  });

  test('a PORT that another program has is said in one line', async () => {
    await using directory = await temporaryDirectory();
    await using first = launch('start', { DATA_DIR: join(directory.path, 'first') });
    const { port } = new URL(await first.ready());
    await using second = launch('start', { DATA_DIR: join(directory.path, 'second'), PORT: port });
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toBe(
      `PORT: ${port} is taken by another program. Choose another, or none for a free one.\n`,
    );
  });

  test('being stopped while it starts leaves nothing either', async () => {
    await using directory = await temporaryDirectory();
    await using start = launch('start', { DATA_DIR: directory.path });
    await expect.poll(() => pidOf('upload', directory.path).catch(() => 0), { timeout: 10_000 }).toBeGreaterThan(0);
    process.kill(start.pid, 'SIGTERM');
    expect(await start.ended).toBe(0);
    expect(start.stdout()).not.toContain('ready');
    expect(await processesOf(directory.path)).toEqual([]);
  });
});
