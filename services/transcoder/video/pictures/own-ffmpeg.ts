/** ffmpeg at work on files that we made ourselves: whatever goes wrong is the machine's fault. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolFailed } from '../../../../shared/run-tool.ts';
import { runEnclosed } from '../../run-enclosed.ts';
import type { Sandbox } from '../../sandbox.ts';
import { withTrouble } from '../fault.ts';
import { inputGuard } from '../input-guard.ts';

/** Enough to read twelve hours through on a busy machine. */
const TIMEOUT_MS = 5 * 60_000;

/** Nothing that is made here is larger than what it is made of, but for raw pictures. */
const RAW_BYTES = 64 * 1024 ** 2;

export interface Darkroom {
  /** Where the variants lie. */
  readonly directory: string;
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
}

export interface OwnInput {
  /** In the directory. */
  readonly file: string;
  /** Options that go before `-i`. */
  readonly options?: readonly string[];
}

/**
 * Runs in the directory, where outputs of the same name are replaced. Times are those of the file, as a player sees them.
 * @returns its stdout.
 * @throws ToolFailed, the signal's reason when aborted.
 */
export async function ownFfmpeg(
  { file, options = [] }: OwnInput,
  output: readonly string[],
  { directory, sandbox, signal }: Darkroom,
): Promise<string> {
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];
  const input = ['-copyts', ...inputGuard(['mov']), ...options, '-i', `file:${file}`];
  const path = join(directory, file);
  const access = { reads: [path], writes: directory, maxFileBytes: RAW_BYTES + (await stat(path)).size };
  try {
    const run = { timeoutMs: TIMEOUT_MS, signal };
    return await runEnclosed({ sandbox, access }, 'ffmpeg', [...quiet, ...input, ...output], run);
  } catch (error) {
    throw error instanceof ToolFailed ? withTrouble(error) : error;
  }
}
