import { describe, expect, it } from 'vitest';
import { MAX_STILLS, planStills } from '../../services/transcoder/video/pictures/still-plan.ts';
import { cuesOf, layTiles, sheetSize, tileTimes } from '../../services/transcoder/video/pictures/storyboard-plan.ts';

const times = (count: number, every: number) => Array.from({ length: count }, (_none, index) => index * every);
const stills = (count: number, every: number) => times(count, every).map((seconds) => ({ seconds }));

describe('the stills', () => {
  it.each<[number, ReturnType<typeof planStills>]>([
    [0.04, { everySeconds: 0.001_954, from: 'all-frames' }],
    [1, { everySeconds: 0.031_25, from: 'all-frames' }],
    [20, { everySeconds: 0.5, from: 'all-frames' }],
    [21, { everySeconds: 2, from: 'keyframes' }],
    [200, { everySeconds: 2, from: 'keyframes' }],
    [7200, { everySeconds: 72, from: 'keyframes' }],
    [43_200, { everySeconds: 432, from: 'keyframes' }],
  ])('of a video of %s s', (seconds, expected) => {
    expect(planStills(seconds, 2)).toEqual(expected);
  });

  it.each([0.000001, 0.04, 1 / 3, 7, 19.99, 199.999, 200.021333, 1234.567, 7200.021333, 43_199.9])(
    'of a video of %s s are never too many, and their distance is a plain number',
    (seconds) => {
      const { everySeconds } = planStills(seconds, 2);
      expect(Math.ceil(seconds / everySeconds)).toBeLessThanOrEqual(MAX_STILLS);
      expect(String(everySeconds * 1000)).not.toContain('e');
      expect(everySeconds).toBeGreaterThan(0);
    },
  );
});

describe('the tiles', () => {
  it('are stills at least two seconds apart, the first one first', () => {
    expect(tileTimes(stills(40, 0.25)).map(({ seconds }) => seconds)).toEqual([0, 2, 4, 6, 8]);
    expect(tileTimes(stills(5, 2.002)).length).toBe(5);
    expect(tileTimes(stills(5, 1.92)).length).toBe(5);
    expect(tileTimes([{ seconds: 0.5 }])).toEqual([{ seconds: 0.5 }]);
  });

  it('lie in rows of ten, each up to the next one, the last up to the end', () => {
    const tile = { width: 160, height: 90 };
    const tiles = layTiles(times(12, 2), tile, 23.5);
    expect(tiles[0]).toEqual({ left: 0, top: 0, from: 0, to: 2 });
    expect(tiles[9]).toEqual({ left: 1440, top: 0, from: 18, to: 20 });
    expect(tiles[11]).toEqual({ left: 160, top: 90, from: 22, to: 23.5 });
    expect(sheetSize(12, tile)).toEqual({ width: 1600, height: 180 });
    expect(sheetSize(3, tile)).toEqual({ width: 480, height: 90 });
    expect(sheetSize(100, tile)).toEqual({ width: 1600, height: 900 });
  });

  it('cover what is before the first picture', () => {
    expect(layTiles([3], { width: 90, height: 160 }, 9)).toEqual([{ left: 0, top: 0, from: 0, to: 9 }]);
  });

  it('are at least a moment long', () => {
    const [tile] = layTiles([0], { width: 2, height: 2 }, 0);
    expect(tile?.to).toBeGreaterThan(0);
  });
});

it('the cues are WebVTT that names rectangles of the sheet', () => {
  const tile = { width: 160, height: 90 };
  const cues = cuesOf(layTiles([0, 3599.997, 7207.2072], tile, 39_605.0049), tile, 'storyboard.jpg');
  expect(cues).toBe(`WEBVTT

00:00:00.000 --> 00:59:59.997
storyboard.jpg#xywh=0,0,160,90

00:59:59.997 --> 02:00:07.207
storyboard.jpg#xywh=160,0,160,90

02:00:07.207 --> 11:00:05.004
storyboard.jpg#xywh=320,0,160,90
`);
});
