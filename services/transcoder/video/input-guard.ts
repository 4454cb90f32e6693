/** What every ffmpeg and ffprobe call is given before a hostile file: one demuxer, known decoders, local files only, limits. */
import { codecWhitelist } from './codecs.ts';

/** A decoded frame larger than this is refused: 8K (33 million pixels) passes. */
export const MAX_PIXELS = 36_000_000;

/** More tracks are refused: sound in many languages and subtitles in more are fewer. */
export const MAX_STREAMS = 100;

/** No single allocation beyond 1 GiB. */
const MAX_ALLOC_BYTES = 1024 ** 3;

/**
 * Options that go before `-i`. The format whitelist is the one that stops playlists (HLS, DASH, ffconcat) that call
 * themselves a video; it also holds for what a demuxer opens inside a file, such as AVI's subtitles.
 */
export function inputGuard(demuxers: readonly string[]): string[] {
  const [only, ...others] = demuxers;
  return [
    ...['-max_alloc', String(MAX_ALLOC_BYTES)],
    ...['-protocol_whitelist', 'file'],
    ...['-format_whitelist', demuxers.join(',')],
    ...['-codec_whitelist', codecWhitelist],
    ...['-max_pixels', String(MAX_PIXELS)],
    // One more than is accepted, so that it shows: in MPEG-TS they come up one after the other.
    ...['-max_streams', String(MAX_STREAMS + 1)],
    // More than ffmpeg's defaults: a recording's sound may begin seconds after its picture.
    ...['-probesize', '50M', '-analyzeduration', '100M'],
    ...(only !== undefined && others.length === 0 ? ['-f', only] : []),
  ];
}
