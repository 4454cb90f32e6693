import { describe, expect, it } from 'vitest';
import { frameRateOf } from '../../services/transcoder/video/frame-rate.ts';

const inShort = (base?: number, average?: number) => {
  const { numerator, denominator } = frameRateOf(base, average);
  return denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`;
};

describe('the frame rate of a source', () => {
  it.each([
    ['a camera', 25, 25, '25'],
    ['NTSC', 30_000 / 1001, 30_000 / 1001, '30000/1001'],
    ['film for television', 24_000 / 1001, 24_000 / 1001, '24000/1001'],
    ['a phone that drops a frame now and then', 30, 29.1, '30'],
    ['a phone at 59.94', 60, 810_000 / 13_487, '60'],
    ['a fragmented file whose average lies', 25, 320_000 / 12_937, '25'],
    ['a clock taken for a rate', 90_000, 30.01, '30'],
    ['Matroska in milliseconds', 1000, 24.98, '25'],
    ['field-coded video', 50, 25, '25'],
    ['a screen recording that rests', 8.797, 8.797, '8797/1000'],
    ['a car camera', 12.5, 12.5, '25/2'],
    ['slow motion', 240, 240, '60'],
    ['a slide every two seconds', 0.5, 0.5, '1'],
    ['nothing to go by', undefined, undefined, '25'],
    ['an average alone', undefined, 15, '15'],
    ['a base alone', 50, undefined, '50'],
  ])('of %s (%d, %d) is %s', (_what, base, average, expected) => {
    expect(inShort(base, average)).toBe(expected);
  });
});
