/** Decides which outputs a picture gets, how large each is and what it is made from. Pure. */
import type { ImageFormat } from '../../../shared/setting-kinds.ts';
import { ladder, linesOf } from '../ladder.ts';
import type { RenderSettings } from '../rendering.ts';
import { rungsFor, type Size } from '../rungs.ts';
import { type PlannedMovie, planMovie } from './plan-movie.ts';
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
  /** How often an animation is played; 0 is for ever, as for a still. */
  readonly loop: number;
  /** Animations, and what is larger than the working copy, are made from the original. */
  readonly from: 'original' | 'working-copy';
}

export interface ImagePlan {
  /**
   * Size of the working copy: the picture, or its first frame, at its largest rung. The smaller stills are made from it,
   * so that a photo is decoded three times and not eleven.
   */
  readonly workingCopy: Size;
  readonly outputs: readonly PlannedImage[];
  /** An animation as MP4, where that is wanted. */
  readonly movie?: PlannedMovie;
  /** What the owner should know, one sentence each. */
  readonly warnings: readonly string[];
}

interface Format {
  readonly title: string;
  readonly extension: string;
  /** A side that is longer cannot be stored. */
  readonly maxSide: number;
  /** Whether an animation stays one. */
  readonly moves: boolean;
}

/** The sides: libwebp's WEBP_MAX_DIMENSION, libjpeg's JPEG_MAX_DIMENSION, libvips' limit of HEIF and of any picture. */
const FORMATS: Readonly<Record<ImageFormat, Format>> = {
  webp: { title: 'WebP', extension: 'webp', maxSide: 16_383, moves: true },
  jpeg: { title: 'JPEG', extension: 'jpg', maxSide: 65_500, moves: false },
  avif: { title: 'AVIF', extension: 'avif', maxSide: 16_384, moves: false },
  png: { title: 'PNG', extension: 'png', maxSide: 10_000_000, moves: false },
};

/** A photograph as PNG is many times as large as it came: only what came without loss goes out without loss. */
const LOSSLESS = ['image/png', 'image/apng', 'image/gif'];

const THUMBNAIL: PlannedImage = {
  name: 'thumbnail',
  file: 'thumbnail.webp',
  format: 'webp',
  width: 150,
  height: 150,
  fit: 'cover',
  frames: 1,
  durationMs: 0,
  loop: 0,
  from: 'working-copy',
};

/** Those of the settings that say what a picture becomes. */
export type ImageSettings = Pick<RenderSettings, 'imageFormats' | 'animationMp4'>;

export function planImage(picture: Picture, { imageFormats, animationMp4 }: ImageSettings): ImagePlan {
  const own = { name: 'full', width: picture.width, height: picture.height };
  const rungs = rungsFor(own, 1, linesOf(ladder));
  const { width, height } = rungs.at(-1) ?? own;
  const workingCopy = { width, height };
  const formats = imageFormats.filter((format) => format !== 'png' || LOSSLESS.includes(picture.contentType));
  const wanted = [...rungs, own].flatMap((variant) =>
    formats.map((format) => plan(variant, format, picture, workingCopy)),
  );
  const { movie, warnings } = animationMp4 ? planMovie(picture) : { warnings: [] };
  return {
    workingCopy,
    outputs: [...wanted.filter(canBeStored), THUMBNAIL],
    ...(movie && { movie }),
    warnings: [...wanted.filter((image) => !canBeStored(image)).map(leftOut), ...warnings, ...picture.leftOut],
  };
}

/** What an output costs, in proportion: encoding takes nearly all of the work and goes by pixels. */
export function workOf({ width, height, frames }: PlannedImage): number {
  return width * height * frames;
}

/** Pixels, all frames counted. Near-lossless WebP takes about 26 bytes for each, and two outputs are made at once. */
const LARGE = 25_000_000;

/** Whether it is made by itself, and by an encoder that is content with less memory. */
export function isLarge(output: PlannedImage): boolean {
  return workOf(output) > LARGE;
}

function plan(
  { name, width, height }: Size & { readonly name: string },
  format: ImageFormat,
  picture: Picture,
  workingCopy: Size,
): PlannedImage {
  const { extension, moves } = FORMATS[format];
  const delays = moves ? picture.delays : [];
  const frames = Math.max(1, delays.length);
  const durationMs = delays.reduce((sum, ms) => sum + ms, 0);
  const loop = frames > 1 ? picture.loop : 0;
  const inCopy = frames === 1 && width <= workingCopy.width && height <= workingCopy.height;
  const from = inCopy ? 'working-copy' : 'original';
  return { name, file: `${name}.${extension}`, format, width, height, fit: 'fill', frames, durationMs, loop, from };
}

function canBeStored({ format, width, height }: PlannedImage): boolean {
  return Math.max(width, height) <= FORMATS[format].maxSide;
}

function leftOut({ file, format }: PlannedImage): string {
  const { title, maxSide } = FORMATS[format];
  return `${file} was left out: a ${title} picture cannot be more than ${maxSide} pixels wide or high.`;
}
