/** The thumbnail: a square from the middle of a poster, as large as that of an image. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RenderedVariant } from '../../rendering.ts';
import { verifiedPicture } from './verified-picture.ts';

const SIDE = 150;

/** @throws Error when the machine fails: encoded in memory first, so that a full disk is told by the file system (`ENOSPC`). */
export async function makeThumbnail(poster: RenderedVariant, directory: string): Promise<RenderedVariant> {
  const file = 'thumbnail.webp';
  const square = sharp(join(directory, poster.file)).resize(SIDE, SIDE, { fit: 'cover' });
  await writeFile(join(directory, file), await square.webp({ quality: 80, effort: 4 }).toBuffer());
  return verifiedPicture({ name: 'thumbnail', file, contentType: 'image/webp' }, directory);
}
