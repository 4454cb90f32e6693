/** Photographs that anyone can make: a landscape with coarse and fine texture, in JPEG of 12 to 24 megapixels. */
import { join } from 'node:path';
import sharp from 'sharp';
import { makeOnce } from '../../../fixtures/make-once.ts';
import { valleyStill } from '../../../fixtures/valley.ts';

const WIDTH = 6000;
const HEIGHT = 4000;

/** The coarse texture is made in a quarter of the size: light and shade of the landscape, the stronger the coarser. */
const SMALL = 4;
const COARSE = [1, 2, 4, 8, 16];
const COARSE_SIGMA = 16;
/** The fine texture, at which a crop weighs what a phone's photo does. */
const FINE_SIGMA = 7;

const SIZES = [
  [4000, 3000],
  [4608, 3456],
  [5184, 3456],
  [6000, 4000],
] as const;

/** @returns the paths; what is there already is not made again. */
export async function makePhotos(directory: string, count: number): Promise<string[]> {
  const landscape = await makeLandscape(join(directory, 'landscape.png'));
  const photos: string[] = [];
  for (let index = 0; index < count; index++) {
    photos.push(await makePhoto(join(directory, `photo-${index}.jpg`), landscape, index));
  }
  return photos;
}

function makeLandscape(file: string): Promise<string> {
  return makeOnce(file, async (temporary) => {
    const [width, height] = [WIDTH / SMALL, HEIGHT / SMALL];
    const coarse = COARSE.map(async (size) => {
      const noise = await grain(Math.ceil(width / size), Math.ceil(height / size), COARSE_SIGMA * Math.sqrt(size));
      return sharp(noise).resize(width, height, { fit: 'fill' }).png({ compressionLevel: 1 }).toBuffer();
    });
    const small = await sharp(Buffer.from(valleyStill(width, height)))
      .removeAlpha()
      .composite((await Promise.all(coarse)).map((input) => ({ input, blend: 'soft-light' })))
      .png({ compressionLevel: 1 })
      .toBuffer();
    const enlarged = await sharp(small).resize(WIDTH, HEIGHT).png({ compressionLevel: 1 }).toBuffer();
    await sharp(enlarged)
      .composite([{ input: await grain(WIDTH, HEIGHT, FINE_SIGMA), blend: 'overlay' }])
      .png({ compressionLevel: 1 })
      .toFile(temporary);
  });
}

function grain(width: number, height: number, sigma: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma } as const;
  const grey = sharp({ create: { width, height, channels: 3, background: '#808080', noise } });
  return grey.png({ compressionLevel: 1 }).toBuffer();
}

/** Another window of the landscape each time, every other one mirrored. */
function makePhoto(file: string, landscape: string, index: number): Promise<string> {
  return makeOnce(file, async (temporary) => {
    const [width, height] = SIZES[index % SIZES.length] ?? SIZES[0];
    const left = (index * 379) % (WIDTH - width + 1);
    const top = (index * 211) % (HEIGHT - height + 1);
    await sharp(landscape)
      .extract({ left, top, width, height })
      .flop(index % 2 === 1)
      .jpeg({ quality: 92 })
      .toFile(temporary);
  });
}
