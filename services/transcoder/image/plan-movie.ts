/** Decides how an animation becomes an MP4: as large as any player decodes, at one frame rate that keeps its delays. Pure. */
import { fitBox, type Size } from '../rungs.ts';
import type { Picture } from './probe.ts';

/** Even sides, as 4:2:0 halves the planes of colour. */
export interface PlannedMovie extends Size {
  readonly name: 'full';
  readonly file: 'full.mp4';
  /** How long one frame of the movie is shown: so many ms over so many. */
  readonly step: readonly [ms: number, over: number];
  /** How many of the movie's frames each of the animation's becomes. */
  readonly repeats: readonly number[];
}

/** H.264 level 4.2, which all devices decode, ends there. */
const MAX_LINES = 1080;

/** 50 frames a second at most; browsers do not show a GIF faster either. */
const MIN_STEP_MS = 20;

/** At least ten a second, so that a player finds a frame where its owner clicks. */
const MAX_STEP_MS = 100;

/** Encoding that takes about as long, at 50 frames a second in full HD on two cores. */
const MAX_DURATION_MS = 5 * 60_000;

const TOO_LONG = `full.mp4 was left out: the animation lasts longer than ${MAX_DURATION_MS / 60_000} minutes.`;

interface MoviePlan {
  readonly movie?: PlannedMovie;
  readonly warnings: readonly string[];
}

/** No movie of a still. */
export function planMovie({ width, height, delays }: Picture): MoviePlan {
  if (delays.length === 0) return { warnings: [] };
  const durationMs = delays.reduce((sum, ms) => sum + ms, 0);
  if (durationMs > MAX_DURATION_MS) return { warnings: [TOO_LONG] };
  const step = commonStep(delays);
  const size = fitBox({ width, height }, MAX_LINES, 2);
  return { movie: { name: 'full', file: 'full.mp4', ...size, step, repeats: onGrid(delays, step) }, warnings: [] };
}

/** The longest step that all delays are made of; the shortest allowed where they have none in common. */
function commonStep(delays: readonly number[]): PlannedMovie['step'] {
  const common = delays.reduce(greatestCommonDivisor);
  return common < MIN_STEP_MS ? [MIN_STEP_MS, 1] : [common, Math.ceil(common / MAX_STEP_MS)];
}

/** Each frame begins at the nearest step, so that what is rounded does not add up; one that is too short for a step is skipped. */
function onGrid(delays: readonly number[], [ms, over]: PlannedMovie['step']): number[] {
  const stepMs = ms / over;
  let elapsed = 0;
  return delays.map((delay) => {
    const begun = Math.round(elapsed / stepMs);
    elapsed += delay;
    return Math.round(elapsed / stepMs) - begun;
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
