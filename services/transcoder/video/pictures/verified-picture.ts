/** Reads a finished picture again, to its last pixel, before anything is said of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RenderedVariant } from '../../rendering.ts';

/** @throws Error when it cannot be decoded whole. */
export async function verifiedPicture(
  picture: Pick<RenderedVariant, 'name' | 'file' | 'contentType'>,
  directory: string,
): Promise<RenderedVariant> {
  const bytes = await readFile(join(directory, picture.file));
  const { info } = await sharp(bytes, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
  return { ...picture, bytes: bytes.length, width: info.width, height: info.height };
}
