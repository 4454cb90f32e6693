/** infra/run.mjs: what npm, a terminal or kill -9 do to it reaches the stack; what it may not install it names. */
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { launchProgram, processesOf, ROOT } from '../support/command-process.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const RUN = join(ROOT, 'infra/run.mjs');

describe('the launcher', needs.linux, () => {
  test('npm start that gets SIGTERM leaves nothing', async () => {
    await using directory = await temporaryDirectory();
    await using npm = launchProgram('npm', ['start'], { DATA_DIR: directory.path });
    await npm.ready();
    process.kill(npm.pid, 'SIGTERM');
    await npm.ended;
    expect(await processesOf(directory.path)).toEqual([]);
  });

  test('npm start that is killed with -9 leaves nothing', async () => {
    await using directory = await temporaryDirectory();
    await using npm = launchProgram('npm', ['start'], { DATA_DIR: directory.path });
    await npm.ready();
    process.kill(npm.pid, 'SIGKILL');
    await expect.poll(() => processesOf(directory.path), { timeout: 10_000 }).toEqual([]);
  });

  test('a launcher that is killed with -9 takes the stack with it, in order', async () => {
    await using directory = await temporaryDirectory();
    await using run = launchProgram(process.execPath, [RUN, 'start'], { DATA_DIR: directory.path });
    await run.ready();
    process.kill(run.pid, 'SIGKILL');
    await expect.poll(() => processesOf(directory.path), { timeout: 10_000 }).toEqual([]);
    expect(run.stdout()).toMatch(/\nstopping\n$/);
  });

  test('the exit code of the command is that of the launcher', async () => {
    await using directory = await temporaryDirectory();
    await using run = launchProgram(process.execPath, [RUN, 'start'], { DATA_DIR: directory.path, PORT: 'x' });
    expect(await run.ended).toBe(78);
  });

  test('tools that it may not install are named, one line each', async () => {
    await using directory = await temporaryDirectory();
    await symlink(process.execPath, join(directory.path, 'node'));
    await using run = launchProgram(process.execPath, [RUN, 'start'], { PATH: directory.path, REDIS_URL: '' });
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toBe(
      'Missing: ffmpeg and ffprobe. Install: see https://ffmpeg.org/download.html\n' +
        'Missing: redis-server. Install: see https://redis.io/docs/latest/operate/oss_and_stack/install/\n',
    );
  });
});
