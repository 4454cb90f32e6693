/** ffmpeg at work on files that we made ourselves: whatever goes wrong is the machine's fault. */
import { runTool, ToolFailed } from '../../../../shared/run-tool.ts';
import { withTrouble } from '../fault.ts';
import { inputGuard } from '../input-guard.ts';

/** Enough to read twelve hours through on a busy machine. */
const TIMEOUT_MS = 5 * 60_000;

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
  directory: string,
  signal: AbortSignal,
): Promise<string> {
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];
  const input = ['-copyts', ...inputGuard(['mov']), ...options, '-i', `file:${file}`];
  try {
    return await runTool('ffmpeg', [...quiet, ...input, ...output], { directory, timeoutMs: TIMEOUT_MS, signal });
  } catch (error) {
    throw error instanceof ToolFailed ? withTrouble(error) : error;
  }
}
