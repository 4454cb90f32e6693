/** Writes what makes finished rungs an HLS stream: a playlist for each, and the master playlist that names them. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RenderedVariant } from '../../rendering.ts';
import { languageName } from '../language.ts';
import type { VerifiedRung } from '../verify/verify-rung.ts';
import {
  masterPlaylist,
  mediaPlaylist,
  quotable,
  type Stream,
  type SubtitleTrack,
  subtitlePlaylist,
} from './playlists.ts';
import { segmentsOf } from './segments.ts';

const CONTENT_TYPE = 'application/vnd.apple.mpegurl';

/** No two of a group may have the same NAME (RFC 8216, 4.3.4.1.1). */
function unlike(label: string, tracks: readonly SubtitleTrack[]): string {
  const isTaken = (name: string) => tracks.some((track) => track.label === name);
  let name = label;
  for (let number = 2; isTaken(name); number++) name = `${label} (${number})`;
  return name;
}

/**
 * @param rungs from the smallest to the largest.
 * @param subtitles WebVTT files.
 * @returns the master playlist and those that it names, as variants.
 */
export async function makePlaylists(
  rungs: readonly VerifiedRung[],
  subtitles: readonly RenderedVariant[],
  perSegment: number,
  directory: string,
): Promise<RenderedVariant[]> {
  const written: RenderedVariant[] = [];
  const write = async (name: string, file: string, text: string) => {
    await writeFile(join(directory, file), text);
    written.push({ name, file, contentType: CONTENT_TYPE, bytes: (await stat(join(directory, file))).size });
  };
  const streams: Stream[] = [];
  for (const { variant, codecs, framesPerSecond, index } of rungs) {
    const { name, width = 0, height = 0 } = variant;
    const segments = segmentsOf(index.fragments, perSegment);
    const file = `${name}.m3u8`;
    await write(name, file, mediaPlaylist(variant.file, index.initializationBytes, segments));
    streams.push({ file, size: { width, height }, framesPerSecond, codecs, segments });
  }
  const seconds = Math.max(...rungs.map(({ variant }) => variant.durationSeconds ?? 0));
  const tracks: SubtitleTrack[] = [];
  for (const { name, file: text, language, label } of subtitles) {
    const file = text.replace(/vtt$/, 'm3u8');
    await write(name, file, subtitlePlaylist(text, seconds));
    const called = label ?? (language && languageName(language)) ?? text;
    tracks.push({ file, label: unlike(quotable(called) || text, tracks), language });
  }
  await write('master', 'master.m3u8', masterPlaylist(streams, tracks));
  return written;
}
