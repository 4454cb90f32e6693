/** The ladder as data: what each rung may cost. Capped CRF: the same quality for all, as long as the peak allows it. */

export interface RungLimits {
  /** Which rung: 720 for 720p. */
  readonly lines: number;
  /** Peak video bit/s at 30 frames per second and fewer. */
  readonly maxBitrate: number;
  /** x264's constant rate factor; lower is better. */
  readonly crf: number;
  readonly preset: string;
}

/** From the largest to the smallest. A variant at the source's own size has the limits of the next larger rung. */
const rungs: readonly [RungLimits, ...RungLimits[]] = [
  { lines: 1080, maxBitrate: 5_000_000, crf: 21, preset: 'veryfast' },
  { lines: 720, maxBitrate: 2_800_000, crf: 21, preset: 'veryfast' },
  { lines: 480, maxBitrate: 1_400_000, crf: 21, preset: 'veryfast' },
  { lines: 360, maxBitrate: 800_000, crf: 21, preset: 'veryfast' },
];

export const ladder = {
  rungs,
  /** A source this many times larger than its highest rung keeps one more variant at its own size. */
  ownSizeFrom: 1.2,
  /** Distance of keyframes, which are the same on all rungs. */
  gopSeconds: 2,
  /** Peaks are allowed more above so many frames per second. */
  highRate: { above: 30, factor: 1.5 },
  /** The decoder's buffer holds this many seconds at the peak rate: peaks stay below twice the average, as Apple asks. */
  bufferSeconds: 2,
  /** No rung needs more than this times the source's own bitrate (PeerTube's rule) … */
  sourceBitrateFactor: 1.3,
  /** … but it gets at least this share of its peak: the source may have been made by a better or slower encoder. */
  leastShareOfPeak: 0.25,
  audio: { bitrate: 128_000, sampleRate: 48_000, channels: 2 },
} as const;
