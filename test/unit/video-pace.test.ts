import { describe, expect, it } from 'vitest';
import { fpsOf } from '../../services/transcoder/video/frame-rate.ts';
import { paceOf } from '../../services/transcoder/video/pace.ts';

/** So many pictures, each `step` seconds after the one before. */
const steps = (count: number, step: number, from = 0) =>
  Array.from({ length: count }, (_, index) => from + index * step);
const milliseconds = (times: readonly number[]) => times.map((time) => Math.round(time * 1000) / 1000);
const fps = (times: readonly number[], hasJumps = false) => {
  const pace = paceOf(times, hasJumps);
  return pace && Math.round(fpsOf(pace.frameRate) * 1000) / 1000;
};

describe('the pace of pictures', () => {
  /** Five seconds of which one is at 60 frames a second, and the others at one. */
  const burst = [...steps(60, 1 / 60), ...steps(4, 1, 1)];
  const recording = [0, 5, 10, 15].flatMap((from) => burst.map((time) => from + time));

  it.each([
    ['steady', steps(250, 0.04), 25],
    ['steady, in milliseconds', milliseconds(steps(60, 1 / 15)), 15],
    ['of NTSC, in milliseconds', milliseconds(steps(600, 1001 / 30_000)), 29.97],
    ['with pictures missing here and there', steps(300, 1 / 30).filter((_, index) => index % 12 !== 5), 30],
    ['of a phone, which wavers', steps(300, 1 / 30).map((time, index) => time + ((index * 7) % 11) / 2000), 30],
    ['in bursts, as screens are recorded', recording, 60],
    [
      'out of order, as B-frames are stored',
      steps(100, 0.04).map((time, index) => time + (index % 2 ? -0.04 : 0.04)),
      25,
    ],
    ['of two fields each', steps(100, 0.04).flatMap((time) => [time, time]), 25],
    ['of slides', [0, 5, 10, 15], 1],
    ['of a burst that stands for an hour, at no more than 30 frames for each', [...steps(100, 1 / 60), 3000], 1],
    ['too fast to show', steps(480, 1 / 240), 60],
  ])('is found: %s', (_what, times, expected) => {
    expect(fps(times)).toBe(expected);
  });

  it('is not known of one picture', () => {
    expect(paceOf([0], false)).toBeUndefined();
    expect(paceOf([], false)).toBeUndefined();
  });

  it('has a length, and a longest stand', () => {
    expect(paceOf([...steps(25, 0.04), 100, 100.04], false)).toMatchObject({
      seconds: expect.closeTo(100.2, 0),
      longestStand: expect.closeTo(99.04, 2),
    });
  });

  it('passes over jumps of the clock, both ways, where the format has them', () => {
    const joined = [...steps(50, 0.04, 95_000), ...steps(50, 0.04, 3), ...steps(50, 0.04, 20_000)];
    const pace = paceOf(joined, true);
    expect(pace).toMatchObject({ seconds: expect.closeTo(6, 0), longestStand: expect.closeTo(0.04, 2) });
    expect(pace && fpsOf(pace.frameRate)).toBe(25);
    expect(paceOf(joined, false)?.longestStand).toBeGreaterThan(3600);
  });
});
