/** libvips, reached through sharp, on a short leash: the only place that opens an original as a picture. */
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { FileFault } from '../../../shared/errors.ts';

export interface Original {
  readonly source: string;
  /** As sniffed at the door. */
  readonly contentType: string;
  /** Whether what can be read of a damaged picture is enough. */
  readonly lenient: boolean;
  /** Whether sharp would leave its colours in Display P3, as it does of 16 bits with a profile (0.35.5, measured). */
  readonly leftInP3?: boolean;
}

/** What is let in, and the media type that libvips gives it. One of these is the whole attack surface of an upload. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  'image/jpeg': 'image/jpeg',
  'image/png': 'image/png',
  'image/apng': 'image/png',
  'image/webp': 'image/webp',
  'image/gif': 'image/gif',
  'image/avif': 'image/avif',
};

const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'];

/**
 * Frames of an animation are counted together. At the limit a render peaks at 0.8 GB (a JPEG of coarse noise; 1.1 GB where it is
 * progressive), and at 1.5 GB where it is transparent (a slide; all of 10,000 × 10,000, measured).
 */
const MAX_PIXELS = 100_000_000;

/** libheif decodes the whole picture at once, at about 28 bytes per pixel (measured on a 20-megapixel 10-bit AVIF). */
const MAX_PIXELS_AVIF = 40_000_000;

/** Allows no loader but ours in this process, and sets its memory and threads for one picture at a time. */
export function hardenLibvips(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: LOADERS.flatMap((loader) => [`VipsForeignLoad${loader}File`, `VipsForeignLoad${loader}Buffer`]),
  });
  // It would also remember what a path held before it was written again.
  sharp.cache(false);
  sharp.concurrency(1);
}

/** @param frames `all` stacks the frames of an animation on top of each other, as libvips does; orientation is then not applied. */
export function openOriginal({ source, contentType, lenient, leftInP3 }: Original, frames: 'first' | 'all'): Sharp {
  const options: SharpOptions = {
    failOn: lenient ? 'none' : 'warning',
    limitInputPixels: maxPixels(contentType),
    // No format that is let in has more than four.
    limitInputChannels: 5,
    sequentialRead: true,
    animated: frames === 'all',
    // libvips cannot turn a stack of frames.
    autoOrient: frames === 'first',
  };
  const image = sharp(source, options);
  return leftInP3 ? image.withIccProfile('srgb', { attach: false }) : image;
}

/** @throws FileFault when libvips found something else than the door did, so that no other decoder is talked into it. */
export function checkMediaType(found: string | undefined, contentType: string): void {
  const expected = MEDIA_TYPES[contentType];
  if (expected === undefined) throw new FileFault(`Pictures of the type ${contentType} are not supported.`);
  if (found === expected) return;
  throw new FileFault(`The file begins like ${contentType}, but it holds ${found ?? 'something else'}.`);
}

/** What a failed decode means: a FileFault, unless the machine and not the file was the cause. */
export function explain(error: unknown, contentType: string): unknown {
  const words = error instanceof Error ? error.message : String(error);
  const isOfSystem = error instanceof Error && 'errno' in error;
  if (error instanceof FileFault || isOfSystem || /out of memory|Could not allocate|Input file is missing/i.test(words))
    return error;
  return new FileFault(reason(words, contentType), words, { cause: error });
}

function reason(words: string, contentType: string): string {
  if (/exceeds pixel limit/i.test(words)) {
    const limit = maxPixels(contentType) / 1_000_000;
    return `The picture is too large: it has more than ${limit} million pixels, all frames counted.`;
  }
  if (/exceeds channel limit/i.test(words)) return 'The picture has more than five channels.';
  if (/unsupported image format/i.test(words) && contentType === 'image/avif') {
    return 'This kind of AVIF is not supported. Please send the picture as JPEG, PNG or WebP, or a moving one as MP4.';
  }
  if (/unsupported image format/i.test(words)) return 'The file is not a picture that can be read.';
  return 'The picture is damaged or cut off.';
}

function maxPixels(contentType: string): number {
  return contentType === 'image/avif' ? MAX_PIXELS_AVIF : MAX_PIXELS;
}
