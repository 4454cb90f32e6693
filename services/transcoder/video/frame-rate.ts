/** The one frame rate that all rungs of a source get. Containers lie about rates; this believes them with care. */

/** An exact fraction, in frames per second. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

/** Rates that cameras and screens really have. */
const usual: readonly FrameRate[] = [
  { numerator: 24_000, denominator: 1001 },
  { numerator: 24, denominator: 1 },
  { numerator: 25, denominator: 1 },
  { numerator: 30_000, denominator: 1001 },
  { numerator: 30, denominator: 1 },
  { numerator: 48, denominator: 1 },
  { numerator: 50, denominator: 1 },
  { numerator: 60_000, denominator: 1001 },
  { numerator: 60, denominator: 1 },
];

const MIN_FPS = 1;
const MAX_FPS = 60;
const UNKNOWN: FrameRate = { numerator: 25, denominator: 1 };

/** `base` above this is a clock's tick (1000, 90000), not a rate. */
const MAX_BELIEVABLE_BASE = 61;
/** How far the average may be from the base rate for the base to be believed, and a rate from a usual one to be taken for it. */
const BASE_TOLERANCE = 0.06;
const USUAL_TOLERANCE = 0.04;

/**
 * @param base ffprobe's `r_frame_rate`, @param average its `avg_frame_rate`, both in frames per second; undefined when it has none.
 * @returns from 1 to 60 frames per second.
 */
export function frameRateOf(base: number | undefined, average: number | undefined): FrameRate {
  const fps = believed(base, average);
  return fps === undefined ? UNKNOWN : nearestRate(fps);
}

/** Whether what a file says of its rate is one thing. */
export function ratesAgree(base: number | undefined, average: number | undefined): boolean {
  return base !== undefined && average !== undefined && baseHolds(base, average);
}

/** @returns the usual rate that is meant by so many frames per second, else as many, from 1 to 60. */
export function nearestRate(fps: number): FrameRate {
  const near = usual
    .map((rate) => ({ rate, distance: Math.abs(fpsOf(rate) - fps) / fps }))
    .filter(({ distance }) => distance <= USUAL_TOLERANCE)
    .sort((one, other) => one.distance - other.distance)[0];
  return near?.rate ?? thousandths(Math.min(MAX_FPS, Math.max(MIN_FPS, fps)));
}

/** Within one per cent, which is too near for chance. */
export function isUsual(fps: number): boolean {
  return usual.some((rate) => Math.abs(fpsOf(rate) / fps - 1) < 0.01);
}

/** In frames per second. */
export function fpsOf(rate: FrameRate): number {
  return rate.numerator / rate.denominator;
}

/** Sound is cut in frames of 21 ms, and begins and ends with padding. Slow pictures may lose one frame and end within another. */
const LEAST_TOLERANCE = 0.1;

/** @returns by how many seconds a rendering may be shorter than its source. @param rate of the picture, if there is one. */
export function lengthTolerance(rate?: FrameRate): number {
  return rate === undefined ? LEAST_TOLERANCE : Math.max(LEAST_TOLERANCE, 2 / fpsOf(rate));
}

function believed(base: number | undefined, average: number | undefined): number | undefined {
  if (base === undefined || average === undefined) return average ?? base;
  return baseHolds(base, average) ? base : average;
}

function baseHolds(base: number, average: number): boolean {
  return base <= MAX_BELIEVABLE_BASE && Math.abs(average - base) / base < BASE_TOLERANCE;
}

function thousandths(fps: number): FrameRate {
  // Measured rates are a little off.
  if (Math.abs(fps - Math.round(fps)) < 0.002) return { numerator: Math.round(fps), denominator: 1 };
  const numerator = Math.round(fps * 1000);
  const divisor = greatestCommonDivisor(numerator, 1000);
  return { numerator: numerator / divisor, denominator: 1000 / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
