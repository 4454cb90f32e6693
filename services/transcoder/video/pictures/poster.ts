/** The poster: the most appealing still, taken again in full size from a rung, which is upright, tone-mapped and known to be whole. */
import type { RenderedVariant } from '../../rendering.ts';
import { ownFfmpeg } from './own-ffmpeg.ts';
import type { Still } from './stills.ts';
import { verifiedPicture } from './verified-picture.ts';

/** Neither side is longer than this. */
const BOX = 1280;

/** Less than lies between two frames; times are told in microseconds, and may have been rounded. */
const HAIR_SECONDS = 0.001;

/**
 * @param rungs from the smallest to the largest.
 * @throws ToolFailed when ffmpeg fails on a file of our own.
 */
export async function makePoster(
  rungs: readonly [RenderedVariant, ...RenderedVariant[]],
  { seconds, isKeyframe }: Pick<Still, 'seconds' | 'isKeyframe'>,
  directory: string,
  signal: AbortSignal,
): Promise<RenderedVariant> {
  const from = rungs.findLast(({ width = 0, height = 0 }) => Math.max(width, height) <= BOX) ?? rungs[0];
  const seek = isKeyframe
    ? ['-noaccurate_seek', '-ss', String(seconds + HAIR_SECONDS)]
    : ['-ss', String(Math.max(0, seconds - HAIR_SECONDS))];
  const picture = [
    `scale=w='min(iw,${BOX})':h='min(ih,${BOX})':force_original_aspect_ratio=decrease`,
    // JPEG is BT.601 in full range; a player's BT.709 taken as that would shift the colours.
    'scale=out_color_matrix=smpte170m:out_range=pc',
    'format=yuvj420p',
  ];
  const file = 'poster.jpg';
  await ownFfmpeg(
    { file: from.file, options: ['-seek_timestamp', '1', ...seek] },
    [
      ...['-map', '0:v:0', '-vf', picture.join(','), '-frames:v', '1'],
      ...['-q:v', '3', '-map_metadata', '-1', '-f', 'image2', '-update', '1', `file:${file}`],
    ],
    directory,
    signal,
  );
  return verifiedPicture({ name: 'poster', file, contentType: 'image/jpeg' }, directory);
}
