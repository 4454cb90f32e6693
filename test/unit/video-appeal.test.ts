import { describe, expect, it } from 'vitest';
import { appeal, mostAppealing, type Picture } from '../../services/transcoder/video/pictures/appeal.ts';

type Colour = readonly [number, number, number];

const size = { width: 160, height: 90 };

function picture(colourAt: (x: number, y: number) => Colour): Picture {
  const colours = Array.from({ length: size.width * size.height }, (_none, place) =>
    colourAt(place % size.width, Math.floor(place / size.width)),
  );
  return { ...size, pixels: Uint8Array.from(colours.flat()) };
}

const changed = (of: Picture, change: (value: number) => number): Picture => ({ ...of, pixels: of.pixels.map(change) });

/** Each pixel the mean of a square around it. */
function blurred({ pixels }: Picture, reach: number): Picture {
  return picture((x, y) => {
    const sum = [0, 0, 0];
    let count = 0;
    for (let row = Math.max(0, y - reach); row <= Math.min(size.height - 1, y + reach); row++) {
      for (let column = Math.max(0, x - reach); column <= Math.min(size.width - 1, x + reach); column++) {
        const at = (row * size.width + column) * 3;
        pixels.subarray(at, at + 3).forEach((value, channel) => {
          sum[channel] = (sum[channel] ?? 0) + value;
        });
        count += 1;
      }
    }
    return [(sum[0] ?? 0) / count, (sum[1] ?? 0) / count, (sum[2] ?? 0) / count];
  });
}

const plain = (value: number) => picture(() => [value, value, value]);

/** Patches of many colours and sizes, as things in a room. */
const scene = picture((x, y) => {
  const shade = (Math.sin(x / 5) + Math.cos(y / 7)) * 10;
  const thing = (Math.floor(x / 6) * 7 + Math.floor(y / 5) * 5) % 6;
  return [60 + thing * 25 + shade, 170 - thing * 22 + shade, 80 + thing * 8 + shade];
});

/** Lines of short black words on white. */
const slide = (lines: number) =>
  picture((x, y) => {
    const isLine = y >= 10 && y < 10 + lines * 8 && (y - 10) % 8 < 4;
    const isInk = isLine && x >= 10 && x < 130 && (x * 7 + y * 3) % 11 < 5;
    return isInk ? [30, 30, 30] : [255, 255, 255];
  });

/** Grain of a sensor in the dark, or of paper. */
const grainy = (value: number) => picture((x, y) => plainGrain(value + (((x * 31 + y * 17) % 3) - 1)));
const plainGrain = (value: number): Colour => [value, value, value];

/** A face before a wall: little detail, much contrast. */
const portrait = picture((x, y) => {
  const share = Math.max(0, 1 - Math.hypot((x - 80) / 45, (y - 55) / 50));
  return [40 + share * 200, 45 + share * 150, 60 + share * 110];
});

/** Asphalt, a lawn. */
const texture = picture((x, y) => plainGrain(120 + (((x * 31 + y * 17) % 17) - 8)));

describe('a poster', () => {
  it.each<[string, Picture, Picture]>([
    ['a scene than black', scene, plain(0)],
    ['a scene than white', scene, plain(255)],
    ['a scene than one bright colour', scene, picture(() => [255, 40, 0])],
    ['a scene than itself half faded from black', scene, changed(scene, (value) => value / 2)],
    ['a scene than itself half faded to white', scene, changed(scene, (value) => 127 + value / 2)],
    ['a scene than itself out of focus', scene, blurred(scene, 3)],
    ['a scene than the grain of black', scene, grainy(6)],
    ['a scene than the grain of grey', scene, grainy(128)],
    ['a full slide than an empty one', slide(9), slide(1)],
    ['a slide with little than one with nothing', slide(1), plain(255)],
    ['a full slide than black', slide(9), plain(0)],
    ['a full slide than a scene out of focus', slide(9), blurred(scene, 4)],
    ['a dark full slide than a light one with little', changed(slide(9), (value) => 255 - value * 0.9), slide(1)],
    ['a dim scene than black', changed(scene, (value) => value / 3), plain(2)],
    ['a fading scene than the grain of grey', changed(scene, (value) => 90 + value / 3), grainy(128)],
    [
      'a scene in mild light than one in hard light out of focus',
      changed(scene, (value) => 25 + value * 0.8),
      blurred(scene, 2),
    ],
    ['a portrait than a texture', portrait, texture],
    [
      'a dim scene than a line of credits',
      changed(scene, (value) => value / 2),
      changed(slide(3), (value) => 255 - value),
    ],
    ['a slide that is half full than a full one out of focus', slide(6), blurred(slide(9), 1)],
  ])('is rather %s', (_what, better, worse) => {
    expect(appeal(better)).toBeGreaterThan(appeal(worse) + 0.02);
  });

  it('is not grain, however sharp', () => {
    expect(appeal(grainy(128))).toBeLessThan(0.1);
  });

  it('is the first of those that are about as good as the best', () => {
    const slightlyBetter = changed(scene, (value) => Math.min(255, value * 1.01));
    const pictures = [plain(0), scene, slightlyBetter, scene];
    expect(pictures.indexOf(mostAppealing(pictures))).toBe(1);
  });

  it('is a later one that is clearly better', () => {
    expect(mostAppealing([changed(scene, (value) => value / 2), scene])).toBe(scene);
  });

  it('is black where all is black', () => {
    const pictures = [plain(0), plain(0)];
    expect(mostAppealing(pictures)).toBe(pictures[0]);
  });

  it('is chosen also among pictures of two pixels', () => {
    const tiny = { width: 2, height: 1, pixels: Uint8Array.from([0, 0, 0, 255, 255, 255]) };
    expect(mostAppealing([tiny])).toBe(tiny);
    expect(appeal(tiny)).not.toBeNaN();
  });
});
