/** The pixels of a still picture, decoded once for the smaller outputs and for what is to be known of it. */
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { FileFault } from '../../../shared/errors.ts';
import { MAX_PLACEHOLDER_SIDE, placeholderOf } from '../placeholder.ts';
import type { Size } from '../rungs.ts';
import { explain, type Original, openOriginal } from './libvips.ts';

/** As sharp hands them out and takes them in. */
export interface WorkingCopy {
  readonly data: Buffer;
  readonly info: OutputInfo;
}

/** @throws FileFault when the original cannot be decoded to its end. */
export async function makeWorkingCopy(original: Original, size: Size): Promise<WorkingCopy> {
  try {
    return await openOriginal(original, 'first')
      .resize(size.width, size.height, { fit: 'fill' })
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw explain(error, original.contentType);
  }
}

export function fromPixels({ data, info: { width, height, channels } }: WorkingCopy): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

/**
 * Whether it is a slide, a diagram or a screenshot rather than a photograph: nearly all pixels are as their left
 * neighbour. (0.77 to 0.96 of a slide's, an emblem's and a drawn animation's, 0.01 to 0.53 of photographs', measured; 0.62
 * of a slide that is a photograph by half.)
 */
export function isDrawn({ data, info: { width, height, channels } }: WorkingCopy): boolean {
  let [equal, looked] = [0, 0];
  for (let row = 0; row < height; row += LOOK_AT_EACH) {
    for (let column = 1; column < width; column++) {
      const at = (row * width + column) * channels;
      let same = true;
      for (let channel = 0; channel < channels; channel++)
        same &&= data[at + channel] === data[at + channel - channels];
      if (same) equal++;
    }
    looked += width - 1;
  }
  return equal >= DRAWN_SHARE * looked;
}

const DRAWN_SHARE = 0.7;

/** Rows. */
const LOOK_AT_EACH = 4;

export async function placeholder(copy: WorkingCopy): Promise<string> {
  const { data, info } = await fromPixels(copy)
    .resize(MAX_PLACEHOLDER_SIDE, MAX_PLACEHOLDER_SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return placeholderOf(data, info);
}

/** What a lenient decoder could not read is of one colour. @throws FileFault when all of it is. */
export function requireSomethingToSee({ data, info: { channels } }: WorkingCopy): void {
  if (data.some((value, index) => value !== data[index % channels])) return;
  throw new FileFault('The picture is damaged: nothing of it can be read.');
}
