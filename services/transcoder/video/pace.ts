/** How the pictures of a track follow each other, by the times of its packets: what it says of its rate may be a lie. Pure. */
import { type FrameRate, fpsOf, isUsual, nearestRate } from './frame-rate.ts';

export interface Pace {
  /** From the first picture's beginning to the last one's end. */
  readonly seconds: number;
  readonly frameRate: FrameRate;
  /** The longest that one picture stands, in seconds. */
  readonly longestStand: number;
}

/** ffmpeg closes jumps of its clock beyond this in the formats that have them (its `dts_delta_threshold`). */
const JUMP_SECONDS = 10;

/** Two packets of one time are two fields of one picture. */
const SAME_SECONDS = 0.0005;

/** How much the rate of the picture in the middle may differ from the average: some are missing, or they come in bursts. */
const MISSING_FROM = 0.03;
const BURSTS_FROM = 0.15;

/** A burst is shown at its rate if it is at least this share of all pictures. */
const BURST_SHARE = 0.1;

/** No more than so many frames are made of one: a few pictures must not become hours of video at 60 frames a second. */
const MOST_REPEATED = 30;

/**
 * @param times of the packets, in seconds, in the order of the file.
 * @param hasJumps whether the format's clock may jump, so that a jump is no time.
 * @returns undefined when there are not two pictures to tell it by.
 */
export function paceOf(times: readonly number[], hasJumps: boolean): Pace | undefined {
  const stands = runsOf(times, hasJumps).flatMap(differences);
  const [middle, quick] = [quantile(stands, 0.5), quantile(stands, BURST_SHARE)];
  if (middle === undefined || quick === undefined) return undefined;
  const sum = stands.reduce((total, stand) => total + stand, 0);
  const average = stands.length / sum;
  const frameRate = nearestRate(
    Math.min(rateOf({ average, middle: 1 / middle, quick: 1 / quick }), MOST_REPEATED * average),
  );
  return {
    seconds: sum + 1 / Math.max(fpsOf(frameRate), average),
    frameRate,
    longestStand: stands.reduce((longest, stand) => Math.max(longest, stand), 0),
  };
}

/** Where pictures waver, or have times in milliseconds, the average is right; where some are missing, the one in the middle. */
function rateOf({ average, middle, quick }: Readonly<Record<'average' | 'middle' | 'quick', number>>): number {
  const apart = (rate: number) => Math.abs(rate / average - 1);
  if (apart(middle) > BURSTS_FROM) return quick;
  return apart(middle) > MISSING_FROM && !isUsual(average) ? middle : average;
}

/** The times between two jumps, each in the order of showing. */
function runsOf(times: readonly number[], hasJumps: boolean): number[][] {
  const runs: number[][] = [[]];
  let before: number | undefined;
  for (const time of times) {
    if (hasJumps && before !== undefined && Math.abs(time - before) > JUMP_SECONDS) runs.push([]);
    runs.at(-1)?.push(time);
    before = time;
  }
  return runs.map((run) => run.sort((one, other) => one - other));
}

function differences(run: readonly number[]): number[] {
  return run
    .slice(1)
    .map((time, index) => time - (run[index] ?? time))
    .filter((difference) => difference > SAME_SECONDS);
}

function quantile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) * share)];
}
