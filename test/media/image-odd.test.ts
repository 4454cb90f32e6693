/** Odd pictures that are right in their way: what comes out is looked at pixel by pixel. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Color, type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { makeImage } from '../../fixtures/image.ts';
import { adobeRgb, greyGamma } from '../support/icc.ts';
import { blackPng } from '../support/pictures.ts';
import { renderPicture } from '../support/render-picture.ts';
import { settings } from '../support/render-settings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** No primary colour, so that a wrong profile or gamma shows. */
const COPPER = { r: 200, g: 100, b: 50 };

const plain = (width: number, height: number, background: Color = COPPER) =>
  sharp({ create: { width, height, channels: 3, background } });

/** The middle pixel of each output. */
async function middles(picture: Buffer, contentType: string): Promise<Record<string, number[]>> {
  await using directory = await temporaryDirectory();
  const { variants } = await renderPicture(picture, contentType, directory.path);
  const found: Record<string, number[]> = {};
  for (const { file } of variants) {
    const output = sharp(await readFile(join(directory.path, file)));
    const { width, height, space, depth } = await output.metadata();
    expect({ space, depth }, file).toEqual({ space: 'srgb', depth: 'uchar' });
    found[file] = [
      ...(await output
        .extract({ left: width >> 1, top: height >> 1, width: 1, height: 1 })
        .raw()
        .toBuffer()),
    ];
  }
  return found;
}

async function withProfile(image: Sharp, profile: Buffer, encode: (image: Sharp) => Sharp): Promise<Buffer> {
  await using directory = await temporaryDirectory();
  const icc = join(directory.path, 'profile.icc');
  await writeFile(icc, profile);
  return await encode(image.withIccProfile(icc)).toBuffer();
}

const asStored = async (picture: Buffer) => [
  ...(await sharp(picture, { ignoreIcc: true }).extract({ left: 0, top: 0, width: 1, height: 1 }).raw().toBuffer()),
];

const near = (channels: readonly number[], by: number) =>
  channels.map((channel) =>
    expect.toSatisfy((found: number) => Math.abs(found - channel) <= by, `within ${by} of ${channel}`),
  );

describe('colours come out in sRGB of 8 bits', () => {
  const copper = [200, 100, 50];
  const grey = [120, 120, 120];
  /** Within what can be printed. */
  const sand = [180, 140, 120];
  const SAND = { r: 180, g: 140, b: 120 };
  const GREY = { r: 120, g: 120, b: 120 };

  it.each<[string, string, () => Promise<Buffer>, number[], number]>([
    [
      'Display P3 in JPEG',
      'image/jpeg',
      () => plain(640, 360).withIccProfile('p3').jpeg({ quality: 95 }).toBuffer(),
      copper,
      4,
    ],
    ['Display P3 in PNG', 'image/png', () => plain(640, 360).withIccProfile('p3').png().toBuffer(), copper, 4],
    [
      'Adobe RGB in JPEG',
      'image/jpeg',
      () => withProfile(plain(640, 360), adobeRgb(), (image) => image.jpeg({ quality: 95 })),
      copper,
      4,
    ],
    [
      'Adobe RGB in PNG of 16 bits',
      'image/png',
      () => withProfile(plain(640, 360).toColourspace('rgb16'), adobeRgb(), (image) => image.png()),
      copper,
      4,
    ],
    [
      'CMYK',
      'image/jpeg',
      () => plain(640, 360, SAND).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
      sand,
      12,
    ],
    [
      'CMYK with a profile',
      'image/jpeg',
      () => plain(640, 360, SAND).withIccProfile('cmyk').jpeg({ quality: 95 }).toBuffer(),
      sand,
      12,
    ],
    ['16 bits', 'image/png', () => plain(640, 360).toColourspace('rgb16').png().toBuffer(), copper, 4],
    ['grey', 'image/jpeg', () => plain(640, 360, GREY).greyscale().jpeg().toBuffer(), grey, 3],
    ['grey of 16 bits', 'image/png', () => plain(640, 360, GREY).toColourspace('grey16').png().toBuffer(), grey, 3],
    [
      'grey of gamma 1.8',
      'image/png',
      () => withProfile(plain(640, 360, GREY).toColourspace('b-w'), greyGamma(1.8), (image) => image.png()),
      grey,
      3,
    ],
    ['a palette', 'image/png', () => plain(640, 360).png({ palette: true, colours: 4 }).toBuffer(), copper, 4],
    ['one bit', 'image/png', () => Promise.resolve(blackPng(640, 360)), [0, 0, 0], 1],
    ['AVIF', 'image/avif', () => plain(640, 360).avif({ quality: 80, effort: 0 }).toBuffer(), copper, 5],
    ['lossless WebP', 'image/webp', () => plain(640, 360).webp({ lossless: true }).toBuffer(), copper, 4],
  ])('%s', async (_what, contentType, make, expected, by) => {
    for (const [file, found] of Object.entries(await middles(await make(), contentType))) {
      expect(found, file).toEqual(near(expected, by));
    }
  });

  it('which is no accident: in the files themselves they are others', async () => {
    const adobe = await withProfile(plain(64, 64), adobeRgb(), (image) => image.png());
    expect(await asStored(adobe)).not.toEqual(near(copper, 8));
    expect(await asStored(await plain(64, 64).withIccProfile('p3').png().toBuffer())).not.toEqual(near(copper, 8));
  });
});

describe('transparency', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['of 16 bits', () => half().toColourspace('rgb16').png().toBuffer()],
    ['of grey', () => half().greyscale().png().toBuffer()],
    ['of a palette', () => half().png({ palette: true }).toBuffer()],
  ])('%s is kept in WebP and laid on white in JPEG', async (_what, make) => {
    const found = await middles(await make(), 'image/png');
    expect(found['360p.webp']?.[3]).toSatisfy((alpha: number) => Math.abs(alpha - 128) <= 3);
    expect(found['full.webp']?.[3]).toSatisfy((alpha: number) => Math.abs(alpha - 128) <= 3);
    expect(found['thumbnail.webp']?.[3]).toSatisfy((alpha: number) => Math.abs(alpha - 128) <= 3);
    // Half of black and half of white.
    expect(found['360p.jpg']).toEqual(near([127, 127, 127], 4));
    expect(found['full.jpg']).toEqual(near([127, 127, 127], 4));
  });

  const half = () =>
    sharp({ create: { width: 640, height: 360, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0.5 } } });
});

describe('a slide', () => {
  /** Two pixels of red on white, again and again, as a letter's stroke. */
  const stripes = (size: number) =>
    sharp({ create: { width: size, height: size, channels: 3, background: 'white' } }).composite(
      Array.from({ length: 8 }, (_, stripe) => ({
        input: { create: { width: 2, height: size, channels: 3 as const, background: '#d00000' } },
        left: 41 + stripe * 51,
        top: 0,
      })),
    );
  const stroke = async (path: string) => [
    ...(await sharp(path).extract({ left: 41, top: 200, width: 1, height: 1 }).raw().toBuffer()),
  ];

  it('keeps the colour of its text in WebP and JPEG', async () => {
    await using directory = await temporaryDirectory();
    await renderPicture(await stripes(450).png().toBuffer(), 'image/png', directory.path);
    expect(await stroke(join(directory.path, 'full.webp'))).toEqual(near([208, 0, 0], 8));
    expect(await stroke(join(directory.path, 'full.jpg'))).toEqual(near([208, 0, 0], 25));
  });
});

it('a slide of more than 25 million pixels takes less memory, as a photograph does', async () => {
  await using directory = await temporaryDirectory();
  await renderPicture(blackPng(5100, 5000), 'image/png', directory.path);
  // What is stored with little loss has a chunk of its own kind.
  const kind = async (file: string) => (await readFile(join(directory.path, file))).toString('latin1', 12, 16);
  expect([await kind('1080p.webp'), await kind('full.webp')]).toEqual(['VP8L', 'VP8 ']);
});

describe('other formats, where they are wanted', () => {
  it('are made of the same pixels', async () => {
    await using directory = await temporaryDirectory();
    const picture = await plain(640, 360).png().toBuffer();
    const { variants } = await renderPicture(picture, 'image/png', directory.path, {
      settings: { ...settings, imageFormats: ['webp', 'avif', 'png'] },
    });
    const files = ['360p.webp', '360p.avif', '360p.png', 'full.webp', 'full.avif', 'full.png', 'thumbnail.webp'];
    expect(variants.map(({ file }) => file)).toEqual(files);
    for (const { file, contentType } of variants) {
      const output = sharp(join(directory.path, file));
      expect((await output.metadata()).mediaType).toBe(contentType);
      expect([...(await output.raw().toBuffer()).subarray(0, 3)], file).toEqual(near([200, 100, 50], 4));
    }
  });
});

describe('EXIF orientation', () => {
  const upright = sharpMeans(1);

  it.each([2, 3, 4, 5, 6, 7, 8] as const)('%i is turned upright, as 1 is shown', async (orientation) => {
    const means = await sharpMeans(orientation);
    const expected = await upright;
    expect(means.size).toEqual([426, 640]);
    expect(means.tiles).toEqual(near(expected.tiles, 5));
  });

  /** What the picture is like in 6 × 6 tiles. */
  async function sharpMeans(orientation: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8) {
    await using directory = await temporaryDirectory();
    const made = await makeImage({ file: join(directory.path, 'made.jpg'), width: 426, height: 640, orientation });
    await renderPicture(await readFile(made), 'image/jpeg', directory.path);
    const output = join(directory.path, 'full.webp');
    const { width, height } = await sharp(output).metadata();
    const tiles = await sharp(output).resize(6, 6, { fit: 'fill' }).greyscale().raw().toBuffer();
    return { size: [width, height], tiles: [...tiles] };
  }
});

describe('a strange size', () => {
  it.each([
    [1, 1],
    [1, 3000],
    [3000, 1],
    [16_383, 2],
    [17_000, 3],
  ])('%i × %i', async (width, height) => {
    await using directory = await temporaryDirectory();
    const { variants } = await renderPicture(await plain(width, height).png().toBuffer(), 'image/png', directory.path);
    expect(variants.find(({ file }) => file === 'full.jpg')).toMatchObject({ width, height });
    expect(variants.find(({ file }) => file === 'thumbnail.webp')).toMatchObject({ width: 150, height: 150 });
    for (const variant of variants) expect(Math.min(variant.width ?? 0, variant.height ?? 0)).toBeGreaterThan(0);
  });
});
