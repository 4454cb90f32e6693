/** A command of the project as a process of its own, as people start it: `await using start = launch('start', { DATA_DIR })`. */
import { spawn } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { leashed } from '../../shared/leash.ts';
import { compileCache } from './compile-cache.ts';
import { eventually } from './eventually.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

const READY_WITHIN_MS = 30_000;

export interface CommandProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with its exit code, or the signal's name, when it is gone. */
  readonly ended: Promise<number | string>;
  /** The URL in its `ready …` line, once that was printed. */
  ready(): Promise<string>;
}

/** Runs a file of infra/local/ with the Node of the tests. */
export function launch(name: string, env: Record<string, string>, args: readonly string[] = []): CommandProcess {
  return launchProgram(process.execPath, [join(ROOT, 'infra/local', `${name}.ts`), ...args], env);
}

/** `env` is added to the environment of the tests. Killed with -9 when disposed, and its children with it. */
export function launchProgram(file: string, args: readonly string[], env: Record<string, string>): CommandProcess {
  const child = spawn(...leashed(file, args), {
    cwd: ROOT,
    env: { ...process.env, ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} could not be started`);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? String(signal)));
  });
  const readyLine = () => {
    const url = /^ready (\S+)$/m.exec(stdout)?.[1];
    if (url === undefined) throw new Error(`not ready. It printed:\n${stdout}${stderr}`);
    return url;
  };
  return {
    pid,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    ready: () => eventually(readyLine, { within: READY_WITHIN_MS }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Pid of a service of the stack on this DATA_DIR. Never 0, to which a signal would hit the tests themselves. */
export async function pidOf(service: string, dataDir: string): Promise<number> {
  const pid = await readFile(join(dataDir, 'run', `${service}.pid`), 'utf8');
  if (!/^[1-9]\d*\n$/.test(pid)) throw new Error(`not a pid: ${JSON.stringify(pid)}`);
  return Number(pid);
}

/** See proc(5), /proc/pid/stat: the third field after the name in brackets. */
export async function processGroupOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[3]);
}

/**
 * What runs for the stack on this DATA_DIR, as `1234 redis-server …`: whoever has it in its environment, ffmpeg included,
 * or works below it, as redis-server does, which writes its title over its environment.
 */
export async function processesOf(dataDir: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => processOf(pid, dataDir)));
  return found.filter((line) => line !== undefined);
}

/** undefined for other processes, those that are gone in between, and zombies. */
async function processOf(pid: string, dataDir: string): Promise<string | undefined> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const directory = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  const isOurs = environment.split('\0').includes(`DATA_DIR=${dataDir}`) || directory.startsWith(`${dataDir}/`);
  if (!isOurs) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return `${pid} ${command.replaceAll('\0', ' ').trim()}`;
}
