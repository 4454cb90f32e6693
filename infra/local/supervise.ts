/** Keeps one program running: what dies is started again after a short, growing pause, until it is stopped. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Misconfigured } from '../../shared/errors.ts';
import { EXIT_MISCONFIGURED } from '../../shared/service.ts';
import { logTail } from './log-tail.ts';
import { pause } from './pause.ts';
import { restartPause } from './restart-pause.ts';
import { type Ending, type Program, type ProgramFiles, runProgram } from './run-program.ts';

export interface Surroundings {
  /** Holds `<name>.pid`. */
  readonly runDir: string;
  /** Holds `<name>.log`, appended to. */
  readonly logDir: string;
  /** Told one line whenever the program dies. */
  readonly say: (line: string) => void;
  /** Told when starting again cannot help. */
  readonly giveUp: (error: Error) => void;
}

export interface Supervised {
  readonly name: string;
  readonly logFile: string;
  /** Resolves when it has announced itself for the first time. */
  readonly ready: Promise<void>;
  /** The newest lines that it printed under this supervision. */
  recentLog(): Promise<string[]>;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

export async function supervise(program: Program, surroundings: Surroundings): Promise<Supervised> {
  const { say } = surroundings;
  const files: ProgramFiles = {
    pid: join(surroundings.runDir, `${program.name}.pid`),
    log: join(surroundings.logDir, `${program.name}.log`),
  };
  const logStart = await sizeOf(files.log);
  const recentLog = () => logTail(files.log, logStart);
  const ready = Promise.withResolvers<void>();
  const stopping = new AbortController();
  const stop = stopping.signal;

  const keepRunning = async () => {
    let pauseMs: number | undefined;
    while (!stop.aborted) {
      const startedAt = performance.now();
      const ending = await runProgram(program, files, { stop, say, onReady: ready.resolve });
      if (stop.aborted) return;
      if (ending.how === 'exited' && ending.code === EXIT_MISCONFIGURED) {
        const lastWords = (await recentLog()).at(-1);
        surroundings.giveUp(new Misconfigured(lastWords ?? `${program.name} refuses its settings (${files.log})`));
        return;
      }
      pauseMs = restartPause(pauseMs, performance.now() - startedAt);
      say(`${program.name} ${inWords(ending)}; it starts again in ${pauseMs / 1000} s (${files.log})`);
      await pause(pauseMs, stop).catch(() => {});
    }
  };
  const done = keepRunning();

  return {
    name: program.name,
    logFile: files.log,
    ready: ready.promise,
    recentLog,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

function inWords(ending: Ending): string {
  switch (ending.how) {
    case 'exited':
      return `exited with code ${ending.code}`;
    case 'killed':
      return `was killed by ${ending.signal}`;
    case 'not started':
      return `could not be started: ${ending.why}`;
  }
}

async function sizeOf(file: string): Promise<number> {
  const stats = await stat(file).catch(() => undefined);
  return stats?.size ?? 0;
}
