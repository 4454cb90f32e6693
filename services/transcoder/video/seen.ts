/** What a file does not say of itself, or may lie about, is looked at before anything is planned. */
import type { Circumstances } from './command.ts';
import { withPaceFound } from './find-pace.ts';
import { withSoundFound } from './find-sound.ts';
import type { Limits } from './limits.ts';
import { withFieldsSeen } from './look-for-fields.ts';
import { measured } from './measure.ts';
import type { RenderRun } from './render.ts';
import type { Source } from './source.ts';

/**
 * @returns the source with its rate, its length and its fields as they are.
 * @throws FileFault when it is longer than the limit or has a hole of hours, ToolFailed when the machine is at fault, the
 *   signal's reason when aborted.
 */
export async function seen(
  told: Source,
  circumstances: Circumstances,
  limits: Limits,
  run: Pick<RenderRun, 'directory' | 'signal' | 'log'>,
): Promise<Source> {
  const heard = await withSoundFound(told, circumstances, run.signal);
  const paced = await withPaceFound(heard, circumstances, run.signal);
  const counted = await measured(paced, circumstances, limits, run);
  return await withFieldsSeen(counted, circumstances, run.signal);
}
