import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { FileFault } from '../../shared/errors.ts';
import { CORPUS, needs } from '../support/needs.ts';
import { renderPicture } from '../support/render-picture.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** What comes out, each output decoded, or why nothing does. */
async function outcome(name: string, contentType: string): Promise<string[]> {
  await using directory = await temporaryDirectory();
  try {
    const picture = await readFile(join(CORPUS, 'image', name));
    const { variants, warning } = await renderPicture(picture, contentType, directory.path);
    for (const { file, width, height } of variants) {
      const { data, info } = await sharp(join(directory.path, file)).raw().toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ width, height });
      expect(data.some((channel) => channel !== data[0])).toBe(true);
    }
    const inShort = variants.map(({ file, width, height }) => `${file} ${width}x${height}`);
    return warning === undefined ? inShort : [...inShort, warning];
  } catch (error) {
    if (error instanceof FileFault) return [error.message];
    throw error;
  }
}

const own = (width: number, height: number) => [
  `full.webp ${width}x${height}`,
  `full.jpg ${width}x${height}`,
  'thumbnail.webp 150x150',
];

describe('pictures from the world', needs.corpus, () => {
  const table: string[] = [];
  afterAll(() => console.log(table.join('\n')));

  it.each<[string, string, string[]]>([
    ['animated_loop3.gif', 'image/gif', own(370, 285)],
    ['animated_loop3.webp', 'image/webp', own(370, 285)],
    ['cmyk_with_profile.jpg', 'image/jpeg', own(500, 333)],
    [
      'exif_orient6_portrait.jpg',
      'image/jpeg',
      [
        '360p.webp 360x540',
        '360p.jpg 360x540',
        '480p.webp 480x720',
        '480p.jpg 480x720',
        '720p.webp 720x1080',
        '720p.jpg 720x1080',
        '1080p.webp 1080x1620',
        '1080p.jpg 1080x1620',
        ...own(1200, 1800),
      ],
    ],
    ['giant_image.jpg', 'image/jpeg', [expect.stringContaining('more than 100 million pixels')]],
    ['png_16bit_alpha.png', 'image/png', own(109, 96)],
    ['png_65536_limit.png', 'image/png', [expect.stringContaining('more than 100 million pixels')]],
    ['struct_image_svg.svg', 'image/png', ['The file is not a picture that can be read.']],
    ['truncated.jpg', 'image/jpeg', ['The picture is damaged or cut off.']],
    [
      'ultra_hdr_gainmap.jpg',
      'image/jpeg',
      [
        '360p.webp 640x360',
        '360p.jpg 640x360',
        '480p.webp 853x480',
        '480p.jpg 853x480',
        '720p.webp 1280x720',
        '720p.jpg 1280x720',
        '1080p.webp 1920x1080',
        '1080p.jpg 1920x1080',
        ...own(3840, 2160),
      ],
    ],
  ])('%s', async (name, contentType, expected) => {
    const got = await outcome(name, contentType);
    table.push(name, `  expected ${expected.map(String).join(', ')}`, `  got      ${got.join(', ')}`);
    expect(got).toEqual(expected);
  });
});
