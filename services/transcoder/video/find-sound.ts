/** When the sound really begins: a file may declare a track that begins late, or holds nothing. */
import type { Circumstances } from './command.ts';
import { firstFrameTime } from './probe.ts';
import type { Source } from './source.ts';
import { inOne } from './warning.ts';

/**
 * @returns the source with the beginning of its sound; without its sound, where there is none in it.
 * @throws as firstFrameTime does.
 */
export async function withSoundFound(
  source: Source,
  { file, opening }: Circumstances,
  signal: AbortSignal,
): Promise<Source> {
  if (source.kind === 'audio' || source.audio === undefined) return source;
  const time = await firstFrameTime(file, opening, source.audio.index, signal);
  if (time === 'empty') {
    return { ...source, audio: undefined, warning: inOne([source.warning, 'There is no sound: its track is empty.']) };
  }
  const startsAt = time === undefined ? undefined : time - source.clockAtStart;
  return { ...source, audio: { ...source.audio, startsAt } };
}
