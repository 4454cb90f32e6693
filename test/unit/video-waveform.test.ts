import { expect, it } from 'vitest';
import { BAR_COUNT, drawBars } from '../../services/transcoder/video/pictures/draw-bars.ts';
import { levelsIn, meanOfParts } from '../../services/transcoder/video/pictures/loudness.ts';

it('levels are read from what ffmpeg tells, silence included', () => {
  const told = [
    'frame:0    pts:-21333  pts_time:-0.021333',
    'lavfi.astats.Overall.RMS_level=-20.000000',
    'frame:1    pts:100000  pts_time:0.1',
    'lavfi.astats.Overall.RMS_level=-inf',
    '',
  ].join('\n');
  const [first, second, ...more] = levelsIn(told);
  expect(first?.seconds).toBe(-0.021333);
  expect(first?.loudness).toBeCloseTo(0.1);
  expect(second).toEqual({ seconds: 0.1, loudness: 0 });
  expect(more).toEqual([]);
});

it('the loudness of a part is the mean power of its levels; one without any is silent', () => {
  const level = (seconds: number, loudness: number) => ({ seconds, loudness });
  const parts = meanOfParts([level(-0.02, 0.6), level(0.5, 0.8), level(3, 0.5), level(4.2, 0.5)], 4, 1);
  expect(parts[0]).toBeCloseTo(Math.sqrt((0.36 + 0.64) / 2));
  expect(parts.slice(1)).toEqual([0, 0, 0.5]);
});

/** Rows of the bar's middle column that are not the card's colour. */
function barHeights(loudness: readonly number[]): number[] {
  const { pixels, width, height } = drawBars(loudness);
  const red = (x: number, y: number) => pixels[(y * width + x) * 3];
  return loudness.map((_value, bar) => {
    const x = bar * (width / BAR_COUNT) + 4;
    return Array.from({ length: height }, (_none, y) => y).filter((y) => red(x, y) !== red(0, 0)).length;
  });
}

it('the loudest bar reaches furthest, and silence is a dot', () => {
  const [silent = 0, soft = 0, loud = 0] = barHeights([0, 0.1, 0.5]);
  expect(silent).toBeLessThanOrEqual(6);
  expect(silent).toBeGreaterThan(0);
  expect(soft).toBeGreaterThan(silent * 3);
  expect(loud).toBeGreaterThan(soft * 2);
  expect(loud).toBeLessThan(300);
});

it('noise is not drawn like speech', () => {
  const [noise = 0] = barHeights([0.001]);
  expect(noise).toBeLessThan(40);
});
