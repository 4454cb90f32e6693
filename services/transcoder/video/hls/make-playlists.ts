/** Writes what makes finished rungs an HLS stream: a playlist for each, and the master playlist that names them. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RenderedVariant } from '../../rendering.ts';
import type { VerifiedRung } from '../verify/verify-rung.ts';
import { masterPlaylist, mediaPlaylist, type Stream } from './playlists.ts';
import { segmentsOf } from './segments.ts';

const CONTENT_TYPE = 'application/vnd.apple.mpegurl';

/**
 * @param rungs from the smallest to the largest.
 * @returns the master playlist and those of the rungs, as variants.
 */
export async function makePlaylists(
  rungs: readonly VerifiedRung[],
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
  await write('master', 'master.m3u8', masterPlaylist(streams, []));
  return written;
}
