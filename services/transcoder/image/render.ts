/** Makes the planned outputs. sharp's own defaults see to 8-bit sRGB colours and leave all metadata behind. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import type { Size } from '../rungs.ts';
import { explain, type Original, openOriginal } from './libvips.ts';
import type { PlannedImage } from './plan.ts';

/** Pixels of a still picture, as sharp hands them out and takes them in. */
export interface WorkingCopy {
  readonly data: Buffer;
  readonly info: OutputInfo;
}

const ENCODERS = {
  webp: (image: Sharp) => image.webp({ quality: 80, effort: 4 }),
  /** JPEG has no transparency: what shows through is white, as on a page. */
  jpeg: (image: Sharp) => image.flatten({ background: 'white' }).jpeg({ quality: 82, progressive: true }),
} as const;

/** @throws FileFault when the original cannot be decoded to its end. */
export async function makeWorkingCopy(original: Original, size: Size): Promise<WorkingCopy> {
  return decoding(original, () =>
    openOriginal(original, 'first')
      .resize(size.width, size.height, { fit: 'fill' })
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
}

/**
 * Writes one output into the directory. It is encoded in memory first, so that a full disk is told by the file system
 * (`ENOSPC`) and not mistaken for a bad picture.
 * @returns how many bytes were written.
 * @throws FileFault when the original cannot be decoded to its end.
 */
export async function renderOutput(
  planned: PlannedImage,
  original: Original,
  copy: WorkingCopy,
  directory: string,
): Promise<number> {
  const encode = (image: Sharp) =>
    ENCODERS[planned.format](image.resize(planned.width, planned.height, { fit: planned.fit })).toBuffer();
  const bytes =
    planned.from === 'working-copy'
      ? await encode(fromPixels(copy))
      : await decoding(original, () => encode(openOriginal(original, planned.frames > 1 ? 'all' : 'first')));
  await writeFile(join(directory, planned.file), bytes);
  return bytes.length;
}

function fromPixels({ data, info }: WorkingCopy): Sharp {
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}

async function decoding<T>(original: Original, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, original.contentType);
  }
}
