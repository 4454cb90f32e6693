/**
 * One life of a program, from its start to its end. It dies with this process (shared/leash.ts), and has a process group
 * of its own, so that a Ctrl-C in the terminal reaches the supervisor alone, which stops things in order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { leashed } from '../../shared/leash.ts';

/** Law 8: a service is gone within 10 s of SIGTERM. Redis needs milliseconds. */
const STOP_WITHIN_MS = 10_000;

export interface Program {
  readonly name: string;
  readonly command: readonly [file: string, args: readonly string[]];
  readonly env: NodeJS.ProcessEnv;
  /** Where it works, if that matters. */
  readonly directory?: string;
  /** Whether it tells `{ ready: … }` over IPC when it is up, as every service does. */
  readonly announcesReady: boolean;
}

export interface ProgramFiles {
  /** Holds its pid while it runs. */
  readonly pid: string;
  /** What it prints is appended here. */
  readonly log: string;
}

export interface ProgramEvents {
  /** Ends the program: SIGTERM, and SIGKILL after ten seconds. */
  readonly stop: AbortSignal;
  readonly onReady: () => void;
  /** Told one line for what a person should know. */
  readonly say: (line: string) => void;
}

export type Ending =
  | { readonly how: 'exited'; readonly code: number }
  | { readonly how: 'killed'; readonly signal: string }
  | { readonly how: 'not started'; readonly why: string };

/** Resolves when the program is gone, however it went; never rejects. */
export async function runProgram(program: Program, files: ProgramFiles, events: ProgramEvents): Promise<Ending> {
  const launched = await launch(program, files.log).catch(asError);
  if (launched instanceof Error) return { how: 'not started', why: launched.message };
  const { child, ended } = launched;
  child.on('error', (error) => events.say(`${program.name}: ${error.message}`));
  child.on('message', (message) => {
    if (typeof message === 'object' && 'ready' in message) events.onReady();
  });
  using _ending = endOn(events.stop, child, () =>
    events.say(`${program.name} did not stop within ${STOP_WITHIN_MS / 1000} s and was killed`),
  );
  // A full disk must not end what runs well without its pid file.
  await writePid(files.pid, child.pid).catch((error) => events.say(`${files.pid}: ${asError(error).message}`));
  const ending = await ended;
  killGroup(child);
  await rm(files.pid, { force: true }).catch((error) => events.say(`${files.pid}: ${asError(error).message}`));
  return ending;
}

/** Renamed into place: whoever reads an empty pid as 0 and sends a signal to that hits its own process group. */
async function writePid(file: string, pid: number | undefined): Promise<void> {
  await writeFile(`${file}.new`, `${pid}\n`);
  await rename(`${file}.new`, file);
}

interface Launched {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
}

async function launch(program: Program, logFile: string): Promise<Launched> {
  const log = await open(logFile, 'a');
  try {
    const child = spawn(...leashed(...program.command), {
      env: program.env,
      ...(program.directory !== undefined && { cwd: program.directory }),
      detached: true,
      stdio: program.announcesReady ? ['ignore', log.fd, log.fd, 'ipc'] : ['ignore', log.fd, log.fd],
    });
    const ended = new Promise<Ending>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(code === null ? { how: 'killed', signal: String(signal) } : { how: 'exited', code }),
      );
    });
    await once(child, 'spawn');
    return { child, ended };
  } finally {
    await log.close();
  }
}

/** Ends the child when the signal says so; disposed once the child is gone. */
function endOn(stop: AbortSignal, child: ChildProcess, onImpatience: () => void): Disposable {
  let impatience: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill('SIGTERM');
    impatience = setTimeout(() => {
      onImpatience();
      killGroup(child);
    }, STOP_WITHIN_MS);
  };
  if (stop.aborted) end();
  else stop.addEventListener('abort', end, { once: true });
  return {
    [Symbol.dispose]: () => {
      stop.removeEventListener('abort', end);
      clearTimeout(impatience);
    },
  };
}

/** The program and whatever it started and left behind. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
