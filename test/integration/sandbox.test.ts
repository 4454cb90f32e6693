/** What holds of a tool that opens an original, whatever the original makes of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { findSandbox } from '../../services/transcoder/find-sandbox.ts';
import { runEnclosed } from '../../services/transcoder/run-enclosed.ts';
import { type Access, NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { Misconfigured } from '../../shared/errors.ts';
import { createLogger } from '../../shared/logger.ts';
import { ToolFailed } from '../../shared/run-tool.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { needsBwrap, settings } from '../support/render-settings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const log = createLogger('test', { logLevel: 'silent' });
const { sandbox } = settings;
const kinds = [
  { where: 'bubblewrap', sandbox, options: needsBwrap },
  { where: 'no sandbox', sandbox: NO_SANDBOX, options: needs.linux },
];

/** What a script of Node prints there. */
const inside = (access: Access, script: string, where = sandbox) =>
  runEnclosed({ sandbox: where, access }, process.execPath, ['--eval', script], { timeoutMs: 20_000 });

describe('in bubblewrap a tool', needsBwrap, () => {
  it('sees the files that it needs, and may write into one directory only', async () => {
    await using directory = await temporaryDirectory();
    const [source, secret, outputs] = ['source', 'secret', 'out'].map((name) => join(directory.path, name));
    if (!source || !secret || !outputs) throw new Error('three names give three paths');
    await writeFile(source, 'the original');
    await writeFile(secret, 'the canary');
    await mkdir(outputs);
    const script = `
      const fs = require('node:fs');
      const tried = (what) => { try { return what() } catch (error) { return error.code } };
      console.log(JSON.stringify({
        source: tried(() => fs.readFileSync('${source}', 'utf8')),
        secret: tried(() => fs.readFileSync('${secret}', 'utf8')),
        beside: fs.readdirSync('${directory.path}').toSorted(),
        accounts: tried(() => fs.readFileSync('/etc/passwd', 'utf8')),
        overwrite: tried(() => fs.writeFileSync('${source}', '')),
        elsewhere: ['/tmp/x', '${directory.path}/x', '/usr/x', '/x'].map((file) => tried(() => fs.writeFileSync(file, ''))),
        inside: tried(() => fs.writeFileSync('${outputs}/made', 'an output')),
        at: process.cwd(),
        environment: Object.keys(process.env).toSorted(),
      }));`;
    const access = { reads: [source], writes: outputs, maxFileBytes: 1000 };
    expect(JSON.parse(await inside(access, script))).toEqual({
      source: 'the original',
      secret: 'ENOENT',
      beside: ['out', 'source'],
      accounts: 'ENOENT',
      overwrite: 'EROFS',
      elsewhere: Array(4).fill('EROFS'),
      at: outputs,
      environment: ['PATH', 'PWD'],
    });
    expect(await readFile(join(outputs, 'made'), 'utf8')).toBe('an output');
  });

  it('sees programs and libraries of the system, but not what else lies in /usr', async () => {
    const script = `console.log(fs.readdirSync('/usr').toSorted().join(), fs.readdirSync('/usr/local').toSorted().join())`;
    const [usr = '', local = ''] = (await inside({ reads: [] }, script)).split(' ');
    expect(usr.split(',')).not.toContain('src');
    expect(usr.split(',')).toEqual(expect.arrayContaining(['bin', 'lib', 'share']));
    expect(local.split(',')).not.toContain('share');
  });

  it('may not write into what it reads, where that lies among its outputs or in the system', async () => {
    await using directory = await temporaryDirectory();
    const made = join(directory.path, 'made');
    await writeFile(made, 'an output');
    for (const file of [made, '/usr/share/dict', '/usr/share/doc'].filter((path) => existsSync(path))) {
      const script = `try { fs.accessSync('${file}', fs.constants.W_OK) } catch (error) { console.log(error.code) }`;
      expect(await inside({ reads: [file], writes: directory.path }, script)).toBe('EROFS');
    }
  });

  it('has no network, not even the loopback of this machine, and sees no other process', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const script = `
      const tried = (pid) => { try { return process.kill(pid, 0) } catch (error) { return error.code } };
      require('node:net').connect(${address.port}, '127.0.0.1')
        .on('connect', () => console.log('connected'))
        .on('error', (error) => console.log(error.code, process.pid, tried(${process.pid})));`;
    expect(await inside({ reads: [] }, script)).toBe('ECONNREFUSED 1 ESRCH');
    expect(await inside({ reads: [] }, script, NO_SANDBOX)).toBe('connected');
    await eventually(() => expect(connections).toBe(1), { within: 2000 });
    server.close();
  });
});

describe.each(kinds)('in $where a tool', ({ sandbox: where, options }) => {
  it('may write so much into a file, and no more', options, async () => {
    await using directory = await temporaryDirectory();
    const access = { reads: [], writes: directory.path, maxFileBytes: 4096 };
    const write = (bytes: number) =>
      inside(access, `require('node:fs').writeFileSync('made', Buffer.alloc(${bytes}))`, where);
    await write(4096);
    await expect(write(4097)).rejects.toThrow(ToolFailed);
    expect((await readFile(join(directory.path, 'made'))).length).toBe(4096);
    await expect(
      inside({ reads: [], writes: directory.path }, "fs.writeFileSync('x', 'x')", where),
    ).rejects.toMatchObject({
      end: { output: expect.stringContaining('EFBIG') },
    });
  });

  it.each([0, 1])('leaves no link to another file, whatever it ends with: %i', options, async (exitCode) => {
    await using directory = await temporaryDirectory();
    const access = { reads: [], writes: directory.path, maxFileBytes: 4096 };
    const link = `fs.mkdirSync('more'); fs.symlinkSync('/etc/passwd', 'more/poster.jpg'); process.exit(${exitCode})`;
    await expect(inside(access, link, where)).rejects.toMatchObject({
      name: 'FileFault',
      toolOutput: 'poster.jpg is no regular file',
    });
  });

  it('has none of our environment but the PATH', options, async () => {
    vi.stubEnv('S3_SECRET_ACCESS_KEY', 'secret');
    const access = { reads: [], env: { MALLOC_ARENA_MAX: '2' } };
    const names = await inside(access, 'console.log(Object.keys(process.env).toSorted().join())', where);
    vi.unstubAllEnvs();
    // bwrap says where it is.
    expect(names.replace(/,PWD$/, '')).toBe('MALLOC_ARENA_MAX,PATH');
  });

  it('that crashes is told from one that fails, and leaves no core', options, async () => {
    await using directory = await temporaryDirectory();
    const access = { reads: [], writes: directory.path, maxFileBytes: 1e9 };
    const crash = inside(access, 'process.abort()', where);
    await expect(crash).rejects.toMatchObject({ end: { endedBy: expect.stringMatching(/^SIG(ABRT|SEGV|TRAP|ILL)$/) } });
    expect(await readdir(directory.path)).toEqual([]);
    const failure = inside(access, "console.error('words'); process.exit(3)", where);
    await expect(failure).rejects.toMatchObject({ end: { exitCode: 3, endedBy: undefined, output: 'words' } });
  });

  it('that is only being started dies with the process that wanted it', options, async () => {
    const program = fileURLToPath(new URL('../support/start-enclosed.ts', import.meta.url));
    // Told from all others by how long it would sleep.
    const marker = String((where.kind === 'none' ? 2e6 : 1e6) + process.pid);
    const starts = Array.from({ length: 12 }, async (_, index) => {
      const parent = spawn(process.execPath, [program, where.kind, marker], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(parent.stdout, 'data');
      await pause(2 * index);
      parent.kill('SIGKILL');
    });
    await Promise.all(starts);
    await eventually(async () => expect(await running(marker)).toEqual([]), { within: 20_000 });
  });
});

async function running(marker: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return commands
    .filter((command) => command.includes(`\0${marker}\0`))
    .map((command) => command.replaceAll('\0', ' '));
}

describe('the setting SANDBOX', needs.linux, () => {
  /** A PATH on which there is ffmpeg, and a bubblewrap that says so. */
  async function pathWith(directory: string, bwrap: string | undefined): Promise<void> {
    for (const name of ['ffmpeg', 'ffprobe']) await symlink(join('/usr/bin', name), join(directory, name));
    if (bwrap !== undefined) await writeFile(join(directory, 'bwrap'), bwrap, { mode: 0o755 });
    vi.stubEnv('PATH', directory);
  }
  const refusing = '#!/bin/sh\necho "bwrap: No permissions to create a new namespace" >&2\nexit 1\n';

  it.each([
    ['is missing', undefined, 'bwrap is not installed'],
    ['is not allowed', refusing, 'bwrap: No permissions to create a new namespace'],
  ])('takes none by itself where bubblewrap %s, and says why', async (_what, bwrap, why) => {
    await using directory = await temporaryDirectory();
    await pathWith(directory.path, bwrap);
    const warn = vi.spyOn(log, 'warn');
    expect(await findSandbox('auto', log)).toEqual(NO_SANDBOX);
    expect(warn).toHaveBeenCalledWith({ why }, expect.stringContaining('without a sandbox'));
    const failure: unknown = await findSandbox('bwrap', log).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Misconfigured);
    expect(failure).toMatchObject({ message: `SANDBOX: bwrap does not work here (${why})` });
    vi.unstubAllEnvs();
  });

  it('can want none', async () => {
    expect(await findSandbox('none', log)).toEqual(NO_SANDBOX);
  });
});
