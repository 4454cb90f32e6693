/** Rendering a picture in a test. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageLimits, renderImage } from '../../services/transcoder/image/render-image.ts';
import type { Assignment, Rendering } from '../../services/transcoder/rendering.ts';
import { createLogger } from '../../shared/logger.ts';
import { settings } from './render-settings.ts';

const log = createLogger('test', { logLevel: 'silent' });

/** Writes the picture into the directory as `original` and renders it there; what is given replaces the rest of the assignment. */
export async function renderPicture(
  picture: Buffer,
  contentType: string,
  directory: string,
  given: Partial<Assignment> = {},
  limits?: ImageLimits,
): Promise<Rendering> {
  const source = join(directory, 'original');
  await writeFile(source, picture);
  const { signal } = new AbortController();
  const asEver = { source, contentType, directory, signal, settings, lenient: false, onProgress: () => {}, log };
  return renderImage({ ...asEver, ...given }, limits);
}
