/** Files that do not say how long they are, as browsers record them, are measured. */
import { lastPacketTime } from './probe.ts';
import type { Source } from './source.ts';

/** @returns the source with its length, if that can be found out. */
export async function measured(
  source: Source,
  file: string,
  demuxers: readonly string[],
  signal: AbortSignal,
): Promise<Source> {
  if (source.durationSeconds !== undefined) return source;
  const track = source.kind === 'video' ? source.video : source.audio;
  return { ...source, durationSeconds: await lastPacketTime(file, demuxers, track.index, signal) };
}
