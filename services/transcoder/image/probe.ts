/** Reads a picture's header: how large it is as displayed, whether it moves, and what will not be shown of it. */
import { open } from 'node:fs/promises';
import { FileFault } from '../../../shared/errors.ts';
import type { Size } from '../rungs.ts';
import { gifEnd } from './gif-blocks.ts';
import { leftOut } from './left-out.ts';
import { checkMediaType, explain, type Original, openOriginal } from './libvips.ts';

/** Size of one frame, turned upright. */
export interface Picture extends Size {
  /** How long each frame is shown, ms, as browsers do it. Empty unless it is an animation that can stay one. */
  readonly delays: readonly number[];
  /** How often an animation is played; 0 is for ever. */
  readonly loop: number;
  /** As sniffed at the door. */
  readonly contentType: string;
  /** As `Original` has it. */
  readonly leftInP3: boolean;
  /** What of the file is not shown, one sentence each. */
  readonly leftOut: readonly string[];
}

/** Formats whose further pages are frames. Those of an AVIF are other pictures, and those of a PNG are not read. */
const ANIMATED = ['image/gif', 'image/webp'];

/** The largest picture allowed is about as large when it is noise in a PNG of 16 bits. */
const MAX_BYTES = 600 * 1024 ** 2;

/** Metadata may be long (profiles, a picture's whole history), but what leftOut looks for lies before or within that. */
const HEAD_BYTES = 1024 ** 2;

/** An animation of that many takes a few seconds if they are tiny; the time grows with their square (measured). */
const MAX_FRAMES = 10_000;

/** WebP counts no further, and an animation that is played once more than that is never seen to its end. */
const MAX_LOOP = 65_535;

const TOO_MANY_FRAMES = `The animation has more than ${MAX_FRAMES} frames. Please send it as a video (MP4).`;

/** @throws FileFault with a reason for the owner. */
export async function probe(original: Original): Promise<Picture> {
  const { contentType } = original;
  const bytes = await readOriginal(original);
  try {
    const header = await openOriginal(original, ANIMATED.includes(contentType) ? 'all' : 'first').metadata();
    checkMediaType(header.mediaType, contentType);
    if (contentType === 'image/gif' && !original.lenient) requireWholeGif(bytes);
    const { width, pageHeight, pages = 1, delay = [], loop = 0 } = header;
    if (pageHeight !== undefined && pages > MAX_FRAMES) throw new FileFault(TOO_MANY_FRAMES);
    const others =
      pages > 1 && pageHeight === undefined ? ['Only the first picture of a file with several is shown.'] : [];
    const leftInP3 = header.space === 'rgb16' && header.hasProfile;
    const same = { contentType, leftInP3, leftOut: [...leftOut(bytes, contentType), ...others] };
    return pageHeight === undefined || pages === 1
      ? { ...header.autoOrient, delays: [], loop: 0, ...same }
      : { width, height: pageHeight, delays: asShown(delay, pages), loop: loop > MAX_LOOP ? 0 : loop, ...same };
  } catch (error) {
    throw explain(error, contentType);
  }
}

/** Browsers, and libvips when it writes WebP, show a frame of at most 10 ms for 100 ms. */
function asShown(delays: readonly number[], frames: number): number[] {
  return Array.from({ length: frames }, (_, frame) => delays[frame] ?? 0).map((ms) => (ms <= 10 ? 100 : ms));
}

function requireWholeGif(bytes: Buffer): void {
  const end = gifEnd(bytes);
  if (end !== 'whole') throw new FileFault('The picture is damaged or cut off.', `the blocks of the GIF: ${end}`);
}

/** All of a GIF, whose blocks lie all over it, else the beginning. */
async function readOriginal({ source, contentType }: Original): Promise<Buffer> {
  await using file = await open(source);
  const { size } = await file.stat();
  if (size > MAX_BYTES)
    throw new FileFault(`The file is too large for a picture: ${MAX_BYTES / 1024 ** 2} MB are the most.`);
  const bytes = Buffer.alloc(contentType === 'image/gif' ? size : Math.min(size, HEAD_BYTES));
  await file.read(bytes, 0, bytes.length, 0);
  return bytes;
}
