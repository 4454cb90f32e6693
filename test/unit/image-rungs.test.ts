import { describe, expect, it } from 'vitest';
import { fitBox, rungsFor, worthInLines } from '../../services/transcoder/rungs.ts';

const LINES = [360, 480, 720, 1080];

const shapes = (sideMultiple: 1 | 2, width: number, height: number) =>
  rungsFor({ width, height }, sideMultiple, LINES).map((rung) => `${rung.name} ${rung.width}x${rung.height}`);

describe('the box rule', () => {
  it.each<[number, number, string[]]>([
    [1920, 1080, ['360p 640x360', '480p 854x480', '720p 1280x720', '1080p 1920x1080']],
    [3840, 2160, ['360p 640x360', '480p 854x480', '720p 1280x720', '1080p 1920x1080']],
    [1080, 1920, ['360p 360x640', '480p 480x854', '720p 720x1280', '1080p 1080x1920']],
    [1920, 800, ['360p 640x266', '480p 854x356', '720p 1280x534', '1080p 1920x800']],
    [1440, 900, ['360p 576x360', '480p 768x480', '720p 1152x720']],
    [1080, 2340, ['360p 296x640', '480p 394x854', '720p 590x1280', '1080p 886x1920']],
    [2, 2000, ['360p 2x640', '480p 2x854', '720p 2x1280', '1080p 2x1920']],
    [640, 480, ['360p 480x360', '480p 640x480']],
    [426, 240, []],
  ])('%i×%i as video', (width, height, expected) => {
    expect(shapes(2, width, height)).toEqual(expected);
  });

  it.each<[number, number, string[]]>([
    [5000, 3000, ['360p 600x360', '480p 800x480', '720p 1200x720', '1080p 1800x1080']],
    [853, 480, ['360p 640x360', '480p 853x480']],
    [3000, 16, ['360p 640x3', '480p 853x5', '720p 1280x7', '1080p 1920x10']],
  ])('%i×%i as image', (width, height, expected) => {
    expect(shapes(1, width, height)).toEqual(expected);
  });

  it('gives a rung to what is just short of it, at its own size', () => {
    expect(shapes(2, 1912, 1029).at(-1)).toBe('1080p 1912x1028');
    expect(shapes(2, 1828, 1028).at(-1)).toBe('720p 1280x720');
  });

  it('never enlarges, whatever the sides must be divisible by', () => {
    const widths = Array.from({ length: 320 }, (_, i) => 2 + 7 * i);
    const heights = [2, 359, 480, 719, 1081, 2160];
    const wrong = widths
      .flatMap((width) => heights.map((height) => ({ width, height })))
      .flatMap((size) => rungsFor(size, 2, LINES).map((rung) => ({ size, rung })))
      .filter(
        ({ size, rung }) => rung.width > size.width || rung.height > size.height || (rung.width | rung.height) & 1,
      );
    expect(wrong).toEqual([]);
  });

  it('counts the worth of a picture in lines of a 16:9 box', () => {
    expect(worthInLines({ width: 1920, height: 800 })).toBe(1080);
    expect(worthInLines({ width: 900, height: 1440 })).toBe(900);
    expect(worthInLines({ width: 1080, height: 2340 })).toBe(1316.25);
  });

  it('fits a picture below the lowest rung into a box of its own', () => {
    expect(fitBox({ width: 427, height: 241 }, 240, 2)).toEqual({ width: 426, height: 240 });
    expect(fitBox({ width: 1, height: 1 }, 360, 2)).toEqual({ width: 2, height: 2 });
  });
});
