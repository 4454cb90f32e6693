/**
 * The poster of a recording of sound: its loudness over time. Not by ffmpeg's showwavespic, which keeps all samples in
 * memory until the end: 1.8 GB for two hours (measured).
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RenderedVariant } from '../../rendering.ts';
import { BAR_COUNT, drawBars } from './draw-bars.ts';
import { loudnessOf } from './loudness.ts';
import type { Darkroom } from './own-ffmpeg.ts';
import { verifiedPicture } from './verified-picture.ts';

/** @throws ToolFailed when ffmpeg fails on a file of our own. */
export async function makeWaveform(sound: RenderedVariant, darkroom: Darkroom): Promise<RenderedVariant> {
  const { directory } = darkroom;
  const { pixels, width, height } = drawBars(await loudnessOf(sound, BAR_COUNT, darkroom));
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
  const file = 'poster.jpg';
  // No chroma subsampling: it would fray the edges of the bars.
  const jpeg = await picture.jpeg({ quality: 82, chromaSubsampling: '4:4:4', progressive: true }).toBuffer();
  await writeFile(join(directory, file), jpeg);
  return verifiedPicture({ name: 'poster', file, contentType: 'image/jpeg' }, directory);
}
