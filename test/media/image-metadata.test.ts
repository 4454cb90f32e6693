/** Nothing that tells where, when and by whom a picture was taken comes out: the outputs are searched byte by byte. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { gif } from '../support/gif.ts';
import { renderPicture } from '../support/render-picture.ts';
import { settings } from '../support/render-settings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { gifWith, jpegWith, pngWith } from '../support/with-metadata.ts';

const OWNER = 'Ada-at-home';

/** What begins metadata in one format or another. */
const BEGINNINGS = [
  'Exif',
  'ns.adobe.com',
  'Photoshop',
  'ICC_PROFILE',
  'iCCP',
  'tEXt',
  'iTXt',
  'zTXt',
  'eXIf',
  'EXIF',
  'XMP ',
  'ICCP',
  'Ducky',
  'MPF\0',
];

const grain = () =>
  sharp({
    create: {
      width: 400,
      height: 380,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 9 },
    },
  });
const told = () =>
  grain()
    .withIccProfile('p3')
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${OWNER}</x:xmpmeta>`)
    .withExif({ IFD0: { Copyright: OWNER }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' } });
const animation = () =>
  gif(
    400,
    380,
    [2, 3].map((colour) => ({ width: 400, height: 380, colour, delay: 10 })),
    0,
  );

it.each<[string, string, () => Promise<Buffer>]>([
  ['JPEG', 'image/jpeg', async () => jpegWith(await grain().withIccProfile('p3').jpeg().toBuffer(), OWNER)],
  ['PNG', 'image/png', async () => pngWith(await grain().withIccProfile('p3').png().toBuffer(), OWNER)],
  ['GIF', 'image/gif', async () => gifWith(animation(), OWNER)],
  ['WebP', 'image/webp', () => told().webp().toBuffer()],
  [
    'animated WebP',
    'image/webp',
    async () =>
      sharp(animation(), { animated: true })
        .withExif({ IFD0: { Copyright: OWNER } })
        .webp()
        .toBuffer(),
  ],
  ['AVIF', 'image/avif', () => told().avif({ effort: 0 }).toBuffer()],
])('of a %s', async (_what, contentType, make) => {
  const picture = await make();
  expect(picture.includes(OWNER), 'the test is about nothing').toBe(true);
  await using directory = await temporaryDirectory();
  const { variants } = await renderPicture(picture, contentType, directory.path, {
    settings: { ...settings, imageFormats: ['webp', 'jpeg', 'avif', 'png'], animationMp4: true },
  });
  expect(variants.length).toBeGreaterThan(4);
  for (const { file } of variants) {
    const bytes = await readFile(join(directory.path, file));
    expect(
      [OWNER, ...BEGINNINGS].filter((text) => bytes.includes(text)),
      file,
    ).toEqual([]);
  }
});
