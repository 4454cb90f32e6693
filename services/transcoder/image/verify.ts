/** Reads a finished output again: nothing is published that is not what the plan says. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Metadata } from 'sharp';
import type { PlannedImage } from './plan.ts';

/** @throws Error that names the output and what is wrong with it: a fault of ours or of the disk, not of the file. */
export async function verifyOutput(planned: PlannedImage, bytesWritten: number, directory: string): Promise<void> {
  const path = join(directory, planned.file);
  const { size } = await stat(path);
  const found = await sharp(path, { animated: planned.frames > 1 }).metadata();
  const expectations: readonly (readonly [what: string, found: unknown, planned: unknown])[] = [
    ['bytes', size, bytesWritten],
    ['format', found.mediaType, `image/${planned.format}`],
    ['width', found.width, planned.width],
    ['height', found.pageHeight ?? found.height, planned.height],
    ...timing(found, planned),
    ['metadata', METADATA.filter((kind) => found[kind] !== undefined).join(' '), ''],
  ];
  for (const [what, is, expected] of expectations) {
    if (is === expected) continue;
    throw new Error(`${planned.file} came out wrong: ${what} is "${is}", planned was "${expected}"`);
  }
}

/** What can tell where and by whom a picture was taken, or turn it a second time. */
const METADATA = ['exif', 'xmp', 'iptc', 'comments', 'icc', 'orientation', 'gainMap'] as const;

/** libwebp joins equal frames in a row, down to a single one; how long they are seen together stays the same. */
function timing({ pages = 1, delay = [], loop }: Metadata, planned: PlannedImage) {
  if (planned.frames === 1) return [['frames', pages, 1]] as const;
  if (pages === 1) return [];
  return [
    ['frames', pages, Math.min(pages, planned.frames)],
    ['milliseconds', delay.reduce((sum, ms) => sum + ms, 0), planned.durationMs],
    ['loop', loop, planned.loop],
  ] as const;
}
