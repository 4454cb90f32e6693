/** Decodes the first and the last fragment of a rung: to decode all of it would cost 7–14 % of the render. */
import { ToolFailed } from '../../../../shared/run-tool.ts';
import { runEnclosed } from '../../run-enclosed.ts';
import type { Sandbox } from '../../sandbox.ts';
import { withTrouble } from '../fault.ts';
import type { FragmentedFile } from '../hls/fragments.ts';
import { inputGuard } from '../input-guard.ts';

const TIMEOUT_MS = 120_000;

/** @throws ToolFailed when the decoder complains of a file of our own. */
export async function decodeEnds(
  path: string,
  { fragments }: FragmentedFile,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<void> {
  const input = [...inputGuard(['mov']), '-i', `file:${path}`];
  const first = fragments[0]?.seconds ?? 0;
  const beforeLast = fragments.slice(0, -1).reduce((sum, { seconds }) => sum + seconds, 0);
  const ends =
    fragments.length <= 2
      ? [input]
      : [
          ['-t', String(first), ...input],
          ['-ss', String(beforeLast), ...input],
        ];
  await runEnclosed(
    { sandbox, access: { reads: [path] } },
    'ffmpeg',
    [
      ...['-hide_banner', '-nostdin', '-v', 'error'],
      ...ends.flat(),
      ...ends.flatMap((_, index) => ['-map', String(index), '-f', 'null', '-']),
    ],
    { timeoutMs: TIMEOUT_MS, signal, failOnComplaint: true },
  ).catch((error: unknown) => {
    throw error instanceof ToolFailed ? withTrouble(error) : error;
  });
}
