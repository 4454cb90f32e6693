/** A picture in about 25 bytes, which a page paints until the picture is there (evanw.github.io/thumbhash). Pure. */
import { rgbaToThumbHash } from 'thumbhash';
import type { Size } from './rungs.ts';

/** No side of what is hashed may be longer. */
export const MAX_PLACEHOLDER_SIDE = 100;

/**
 * @param rgba four bytes a pixel, row by row, colours not multiplied by alpha; scaled down to MAX_PLACEHOLDER_SIDE.
 * @returns the ThumbHash in base64.
 */
export function placeholderOf(rgba: Uint8Array, { width, height }: Size): string {
  return Buffer.from(rgbaToThumbHash(width, height, rgba)).toString('base64');
}
