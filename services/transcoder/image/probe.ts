/** Reads a picture's header: how large it is as displayed, and whether it moves. */
import type { Size } from '../rungs.ts';
import { checkMediaType, explain, type Original, openOriginal } from './libvips.ts';

/** Size of one frame, turned upright. */
export interface Picture extends Size {
  /** 1 unless it is an animation that can stay one. */
  readonly frames: number;
  /** How long all frames are shown, once; 0 for a still. */
  readonly durationMs: number;
  /** As sniffed at the door. */
  readonly contentType: string;
}

/** Formats whose further pages are frames. Those of an AVIF are other pictures, and those of a PNG are not read. */
const ANIMATED = ['image/gif', 'image/webp'];

/** @param delay milliseconds that each frame is shown, as sharp tells them. */
export function totalMs(delay: readonly number[] = []): number {
  return delay.reduce((sum, ms) => sum + ms, 0);
}

/** @throws FileFault with a reason for the owner. */
export async function probe(original: Original): Promise<Picture> {
  const { contentType } = original;
  try {
    const header = await openOriginal(original, ANIMATED.includes(contentType) ? 'all' : 'first').metadata();
    checkMediaType(header.mediaType, contentType);
    const { width, pageHeight, pages = 1, delay } = header;
    return pageHeight === undefined
      ? { ...header.autoOrient, frames: 1, durationMs: 0, contentType }
      : { width, height: pageHeight, frames: pages, durationMs: totalMs(delay), contentType };
  } catch (error) {
    throw explain(error, contentType);
  }
}
