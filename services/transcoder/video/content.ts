/** Whether anything moves in a video, told from the sizes of its packets. Pure. */
import type { Content } from '../ladder.ts';

export interface Packet {
  readonly bytes: number;
  readonly isKey: boolean;
}

/**
 * A frame of fewer bits for each pixel repeats the one before, with a pointer or a few letters changed. Of a recorded
 * screen the middle frame has 0.0008, of a clean film of a landscape 0.009, of somebody who speaks 0.017 (1080p, measured).
 * Small pictures need more for the same: they count as moving rather than not.
 */
const REPEATS_BELOW = 0.002;
/** More than an encoder's B-frames are, which are small in every film. */
const SHARE_THAT_REPEATS = 0.7;
/** Fewer packets say nothing. */
const LEAST_PACKETS = 24;

/** @param pixels of a frame. */
export function contentOf(packets: readonly Packet[], pixels: number): Content {
  const between = packets.filter(({ isKey }) => !isKey);
  if (between.length < LEAST_PACKETS) return 'moving';
  const repeats = between.filter(({ bytes }) => (8 * bytes) / pixels < REPEATS_BELOW);
  return repeats.length >= SHARE_THAT_REPEATS * between.length ? 'still' : 'moving';
}
