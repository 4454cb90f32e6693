/** The poster: the most appealing still, taken again in full size from a rung, which is upright, tone-mapped and known to be whole. */
import type { RenderedVariant } from '../../rendering.ts';
import { type Darkroom, type OwnInput, ownFfmpeg } from './own-ffmpeg.ts';
import type { Still } from './stills.ts';
import { HAIR_SECONDS, thinOut } from './thin-out.ts';
import { verifiedPicture } from './verified-picture.ts';

type When = Pick<Still, 'seconds' | 'isKeyframe'>;

/** Neither side is longer than this. */
const BOX = 1280;

/**
 * @param rungs from the smallest to the largest.
 * @throws ToolFailed when ffmpeg fails on a file of our own.
 */
export async function makePoster(
  rungs: readonly [RenderedVariant, ...RenderedVariant[]],
  when: When,
  darkroom: Darkroom,
): Promise<RenderedVariant> {
  const { file } = rungs.findLast(({ width = 0, height = 0 }) => Math.max(width, height) <= BOX) ?? rungs[0];
  if (!when.isKeyframe) return takePicture({ file, options: seekTo(when) }, darkroom);
  await using single = await thinOut(file, { track: 'video', atSeconds: when.seconds }, darkroom);
  return await takePicture({ file: single.file }, darkroom);
}

/** Only in short videos: where ffmpeg cannot seek it decodes from the beginning. */
function seekTo({ seconds }: When): string[] {
  return ['-seek_timestamp', '1', '-ss', String(Math.max(0, seconds - HAIR_SECONDS))];
}

async function takePicture(input: OwnInput, darkroom: Darkroom): Promise<RenderedVariant> {
  const picture = [
    `scale=w='min(iw,${BOX})':h='min(ih,${BOX})':force_original_aspect_ratio=decrease`,
    // JPEG is BT.601 in full range; a player's BT.709 taken as that would shift the colours.
    'scale=out_color_matrix=smpte170m:out_range=pc',
    'format=yuvj420p',
  ];
  const file = 'poster.jpg';
  await ownFfmpeg(
    input,
    [
      ...['-map', '0:v:0', '-vf', picture.join(','), '-frames:v', '1'],
      ...['-q:v', '3', '-map_metadata', '-1', '-f', 'image2', '-update', '1', `file:${file}`],
    ],
    darkroom,
  );
  return await verifiedPicture({ name: 'poster', file, contentType: 'image/jpeg' }, darkroom.directory);
}
