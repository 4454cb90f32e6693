/** Which stills of a video are looked at: for its poster, and as the tiles of its storyboard. Pure. */

export interface StillPlan {
  /** The first picture in each stretch of so many seconds is taken. */
  readonly everySeconds: number;
  /** Of a long video only keyframes are decoded. */
  readonly from: 'all-frames' | 'keyframes';
}

/** A storyboard has ten rows of ten tiles at most. */
export const MAX_STILLS = 100;

/** So much of a small rung is decoded in 0.4 CPU seconds (measured), and a short clip may have one keyframe, which is black. */
const SHORT_SECONDS = 20;
/** At most, so that there are at least half as many. */
const STILLS_OF_SHORT = 40;

/** No frames are closer. */
const SHORTEST = 0.001;

/** @param keyframeSeconds from keyframe to keyframe. */
export function planStills(durationSeconds: number, keyframeSeconds: number): StillPlan {
  if (durationSeconds <= SHORT_SECONDS) {
    return { everySeconds: halved(keyframeSeconds, durationSeconds / STILLS_OF_SHORT), from: 'all-frames' };
  }
  return { everySeconds: rounded(Math.max(keyframeSeconds, durationSeconds / MAX_STILLS)), from: 'keyframes' };
}

/** Halved until it would be less than the least, so that every so many stills one lies on the storyboard's grid. */
function halved(seconds: number, least: number): number {
  return rounded(seconds / 2 ** Math.max(0, Math.floor(Math.log2(seconds / Math.max(least, SHORTEST)))));
}

/** Up to whole microseconds, so that there are not more stretches than asked for, and no exponent in a command line. */
function rounded(seconds: number): number {
  return Math.max(1, Math.ceil(seconds * 1e6)) / 1e6;
}
