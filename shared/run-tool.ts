/** The one way to run a program that ends by itself: limited in time and output, and gone when we are gone. */
import { type ExecaError, execa } from 'execa';
import { leashed } from './leash.ts';

/** The tool ended badly. `message` says how; `toolOutput` holds the end of what it printed to stderr. */
export class ToolFailed extends Error {
  readonly toolOutput: string;
  /** Absent when a signal ended it. */
  readonly exitCode: number | undefined;

  constructor(message: string, toolOutput: string, exitCode: number | undefined, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ToolFailed';
    this.toolOutput = toolOutput;
    this.exitCode = exitCode;
  }
}

export interface ToolLimits {
  /** Wall-clock time after which it is ended (SIGTERM, then SIGKILL). */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** stdout beyond this is a failure. */
  readonly maxOutputBytes?: number;
}

const MiB = 1024 ** 2;
const KILL_AFTER_MS = 2000;
const STDERR_TAIL = 4000;

/**
 * Runs a tool to its end, without a shell and with nothing on stdin.
 * @returns its stdout.
 * @throws ToolFailed when it fails, crashes, runs too long or prints too much; the signal's reason when aborted.
 */
export async function runTool(file: string, args: readonly string[], limits: ToolLimits): Promise<string> {
  try {
    const [leashedFile, leashedArgs] = leashed(file, args);
    const { stdout } = await execa(leashedFile, leashedArgs, {
      stdin: 'ignore',
      timeout: limits.timeoutMs,
      forceKillAfterDelay: KILL_AFTER_MS,
      maxBuffer: limits.maxOutputBytes ?? 16 * MiB,
      ...(limits.signal && { cancelSignal: limits.signal }),
    });
    return stdout;
  } catch (error) {
    limits.signal?.throwIfAborted();
    const failure = error as ExecaError;
    const stderr = String(failure.stderr ?? '').slice(-STDERR_TAIL);
    throw new ToolFailed(`${file}: ${failure.shortMessage}`, stderr, failure.exitCode, { cause: error });
  }
}
