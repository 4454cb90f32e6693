/** The one way to run a program that ends by itself: limited in time and output, and gone when we are gone. */
import { once } from 'node:events';
import { ExecaError, execa } from 'execa';
import { leashed } from './leash.ts';

export type MachineTrouble = 'no-space' | 'no-memory' | 'no-sandbox';

/** How a tool ended that did not end well. */
export interface ToolEnd {
  /** What it printed to stderr; the end of it, after an ellipsis, where that is long. */
  readonly output: string;
  /** Absent when a signal ended it; 127 when it could not be started, as shells say it. */
  readonly exitCode?: number | undefined;
  /** The signal that ended it, e.g. `SIGSEGV`. */
  readonly endedBy?: string | undefined;
  /** The limit of ours that it went over, and was ended for. */
  readonly limit?: 'time' | 'output' | undefined;
  /**
   * What the machine lacked, where whoever ran the tool could find it out. `no-memory` also when it was killed as the
   * kernel kills when memory is short.
   */
  readonly trouble?: MachineTrouble | undefined;
}

/** The tool ended badly. `message` says how. */
export class ToolFailed extends Error {
  readonly end: ToolEnd;

  constructor(message: string, end: ToolEnd, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ToolFailed';
    this.end = end;
  }
}

export interface ToolRun {
  /** Wall-clock time after which it is ended (SIGTERM, then SIGKILL). */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** stdout beyond this is a failure. */
  readonly maxOutputBytes?: number;
  /** Where it runs, if that matters. */
  readonly directory?: string;
  /** Its whole environment; our own unless given. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether a word on stderr is a failure, whatever the exit code. */
  readonly failOnComplaint?: boolean;
  /**
   * Whether it sees to it by itself that it dies with us; else it is put on our leash. When it does, it says so by a first
   * byte on its stderr, and is answered by an empty line on its stdin; before that it is not ended.
   */
  readonly hasOwnLeash?: boolean;
  /** Told each line of its stdout as it comes. */
  readonly onLine?: (line: string) => void;
}

const MiB = 1024 ** 2;
const KILL_AFTER_MS = 2000;
const STDERR_TAIL = 4000;

/**
 * Runs a tool to its end, without a shell and with nothing on stdin.
 * @returns its stdout; nothing of it where `onLine` is told.
 * @throws ToolFailed when it fails, crashes, runs too long or prints too much; the signal's reason when aborted; what
 *   `onLine` throws, and then the tool is ended.
 */
export async function runTool(file: string, args: readonly string[], run: ToolRun): Promise<string> {
  run.signal?.throwIfAborted();
  const { directory, env, onLine, maxOutputBytes: mostBytes = 16 * MiB, hasOwnLeash = false } = run;
  using ending = new DisposableStack();
  try {
    const stop = new AbortController();
    const running = execa(...(hasOwnLeash ? ([file, args] as const) : leashed(file, args)), {
      stdin: hasOwnLeash ? 'pipe' : 'ignore',
      timeout: run.timeoutMs,
      forceKillAfterDelay: KILL_AFTER_MS,
      maxBuffer: mostBytes,
      // What is handed on line by line is not kept as well.
      buffer: { stdout: onLine === undefined, stderr: true },
      cancelSignal: stop.signal,
      ...(directory !== undefined && { cwd: directory }),
      ...(env && { env, extendEnv: false }),
    });
    const started = hasOwnLeash ? once(running.stderr, 'data').catch(() => {}) : Promise.resolve();
    if (hasOwnLeash) started.then(() => running.stdin?.end('\n'));
    const end = () => started.then(() => stop.abort(run.signal?.reason));
    run.signal?.addEventListener('abort', end);
    ending.defer(() => run.signal?.removeEventListener('abort', end));
    if (onLine) await handOn(running, onLine, mostBytes);
    const { stdout = '', stderr = '' } = await running;
    if (run.failOnComplaint && stderr !== '') {
      throw new ToolFailed(`${file} complained: ${stderr.slice(0, STDERR_TAIL)}`, {
        output: tailOf(stderr),
        exitCode: 0,
      });
    }
    return stdout;
  } catch (error) {
    run.signal?.throwIfAborted();
    throw error instanceof ExecaError
      ? new ToolFailed(`${file}: ${error.shortMessage}`, endOf(error), { cause: error })
      : error;
  }
}

async function handOn(lines: AsyncIterable<string>, onLine: (line: string) => void, mostBytes: number): Promise<void> {
  let bytes = 0;
  for await (const line of lines) {
    bytes += line.length + 1;
    // Ends the tool as well, which has nobody left to write to.
    if (bytes > mostBytes) throw new ToolFailed('printed too much', { output: '', limit: 'output' });
    onLine(line);
  }
}

function tailOf(stderr: string): string {
  return stderr.length > STDERR_TAIL ? `…${stderr.slice(-STDERR_TAIL)}` : stderr;
}

function endOf({ stderr, exitCode, signal, code, timedOut, isMaxBuffer }: ExecaError): ToolEnd {
  return {
    output: tailOf(String(stderr ?? '')),
    exitCode: code === 'ENOENT' ? 127 : exitCode,
    endedBy: signal,
    limit: timedOut ? 'time' : isMaxBuffer ? 'output' : undefined,
  };
}
