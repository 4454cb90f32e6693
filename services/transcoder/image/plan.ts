/** Decides which outputs a picture gets, how large each is and what it is made from. Pure. */
import { ladder, linesOf } from '../ladder.ts';
import { rungsFor, type Size } from '../rungs.ts';
import type { Picture } from './probe.ts';

export interface PlannedImage extends Size {
  /** `360p` … `1080p`, `full`, `thumbnail`; the formats of one rung share it. */
  readonly name: string;
  /** `360p.webp` */
  readonly file: string;
  readonly format: ImageFormat;
  /** `cover` fills the size and cuts off what hangs over; `fill` is for a size of the picture's own shape. */
  readonly fit: 'fill' | 'cover';
  /** 1 for a still. Equal frames in a row may become one. */
  readonly frames: number;
  /** How long all frames are shown, once; 0 for a still. */
  readonly durationMs: number;
  /** Animations, and what is larger than the working copy, are made from the original. */
  readonly from: 'original' | 'working-copy';
}

type ImageFormat = keyof typeof FORMATS;

export interface ImagePlan {
  /**
   * Size of the working copy: the picture, or its first frame, at its largest rung. The smaller stills are made from it,
   * so that a photo is decoded three times and not eleven.
   */
  readonly workingCopy: Size;
  readonly outputs: readonly PlannedImage[];
  /** What the owner should know, one sentence each. */
  readonly warnings: readonly string[];
}

/** A side that is longer cannot be stored: libwebp's WEBP_MAX_DIMENSION, libjpeg's JPEG_MAX_DIMENSION. */
const FORMATS = {
  webp: { title: 'WebP', extension: 'webp', maxSide: 16_383, moves: true },
  jpeg: { title: 'JPEG', extension: 'jpg', maxSide: 65_500, moves: false },
} as const;

const THUMBNAIL: PlannedImage = {
  name: 'thumbnail',
  file: 'thumbnail.webp',
  format: 'webp',
  width: 150,
  height: 150,
  fit: 'cover',
  frames: 1,
  durationMs: 0,
  from: 'working-copy',
};

export function planImage(picture: Picture): ImagePlan {
  const own = { name: 'full', width: picture.width, height: picture.height };
  const rungs = rungsFor(own, 1, linesOf(ladder));
  const { width, height } = rungs.at(-1) ?? own;
  const workingCopy = { width, height };
  const wanted = [...rungs, own].flatMap((variant) => [
    plan(variant, 'webp', picture, workingCopy),
    plan(variant, 'jpeg', picture, workingCopy),
  ]);
  return {
    workingCopy,
    outputs: [...wanted.filter(canBeStored), THUMBNAIL],
    warnings: [...wanted.filter((image) => !canBeStored(image)).map(leftOut), ...lostAnimation(picture)],
  };
}

/** Share of the work that is done when these outputs are, 0 to 1: encoding takes nearly all of it and goes by pixels. */
export function shareDone(plan: ImagePlan, done: number): number {
  const pixels = (outputs: readonly PlannedImage[]) =>
    outputs.reduce((sum, { width, height, frames }) => sum + width * height * frames, 0);
  return pixels(plan.outputs.slice(0, done)) / pixels(plan.outputs);
}

function plan(
  { name, width, height }: Size & { readonly name: string },
  format: ImageFormat,
  picture: Picture,
  workingCopy: Size,
): PlannedImage {
  const { extension, moves } = FORMATS[format];
  const { frames, durationMs } = moves ? picture : { frames: 1, durationMs: 0 };
  const inCopy = frames === 1 && width <= workingCopy.width && height <= workingCopy.height;
  const from = inCopy ? 'working-copy' : 'original';
  return { name, file: `${name}.${extension}`, format, width, height, fit: 'fill', frames, durationMs, from };
}

function canBeStored({ format, width, height }: PlannedImage): boolean {
  return Math.max(width, height) <= FORMATS[format].maxSide;
}

function leftOut({ file, format }: PlannedImage): string {
  const { title, maxSide } = FORMATS[format];
  return `${file} was left out: a ${title} picture cannot be more than ${maxSide} pixels wide or high.`;
}

function lostAnimation({ contentType }: Picture): string[] {
  return contentType === 'image/apng' ? ['Only the first frame of an animated PNG is shown.'] : [];
}
