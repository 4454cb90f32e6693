/** The frames of an animation, decoded by libvips for ffmpeg: no byte of the original reaches it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explain, type Original, openOriginal } from './libvips.ts';
import type { PlannedMovie } from './plan-movie.ts';

/** Where they lie below the directory of the outputs. */
export const FRAMES = 'frames';

/** PPM is raw RGB behind a line or two. Without an ending, as ffmpeg knows two readers for those. */
const frameFile = (index: number) => `frame-${index}`;

/** What says which frames are shown, and for how long. */
export const LIST = 'list';

/** Writes all frames at the movie's size, and their list; what is transparent on white. @throws FileFault when the original cannot be decoded. */
export async function writeFrames(movie: PlannedMovie, original: Original, directory: string): Promise<void> {
  const { width, height } = movie;
  const stack = await decode(original, width, height);
  await mkdir(join(directory, FRAMES));
  const header = Buffer.from(`P6\n${width} ${height}\n255\n`);
  const frameBytes = 3 * width * height;
  for (let index = 0; index * frameBytes < stack.length; index++) {
    const frame = stack.subarray(index * frameBytes, (index + 1) * frameBytes);
    await writeFile(join(directory, FRAMES, frameFile(index)), Buffer.concat([header, frame]));
  }
  await writeFile(join(directory, FRAMES, LIST), frameList(movie));
}

/** What ffmpeg's concat demuxer reads. The last frame is named once more, as its duration would not count. */
export function frameList({ repeats, step: [ms, over] }: PlannedMovie): string {
  const shown = repeats.flatMap((count, index) =>
    count > 0 ? [`file ${frameFile(index)}`, `duration ${((count * ms) / over / 1000).toFixed(6)}`] : [],
  );
  return ['ffconcat version 1.0', ...shown, shown.at(-2), ''].join('\n');
}

async function decode(original: Original, width: number, height: number): Promise<Buffer> {
  try {
    return await openOriginal(original, 'all')
      .resize(width, height, { fit: 'fill' })
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
  } catch (error) {
    throw explain(error, original.contentType);
  }
}
