/** The placeholder of a poster. */
import { join } from 'node:path';
import sharp from 'sharp';
import { MAX_PLACEHOLDER_SIDE, placeholderOf } from '../../placeholder.ts';
import type { RenderedVariant } from '../../rendering.ts';

/** @throws Error when the machine fails. */
export async function hashPoster(poster: RenderedVariant, directory: string): Promise<string> {
  const { data, info } = await sharp(join(directory, poster.file))
    .resize(MAX_PLACEHOLDER_SIDE, MAX_PLACEHOLDER_SIDE, { fit: 'inside', withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return placeholderOf(data, info);
}
