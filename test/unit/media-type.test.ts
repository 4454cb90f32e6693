/** What passes the door can be opened in the booth: each accepted type has a demuxer or an image loader. */
import { expect, it } from 'vitest';
import { demuxerFor } from '../../services/transcoder/video/demuxer.ts';
import { keptContentTypes, sniff } from '../../services/upload/intake/media-type.ts';

it.each(keptContentTypes)('%s has a renderer that takes it', (contentType) => {
  if (contentType.startsWith('image/')) expect(['jpeg', 'png', 'webp', 'gif', 'avif']).toContain(contentType.slice(6));
  else expect(demuxerFor(contentType)).toEqual(expect.arrayContaining([expect.any(String)]));
});

/** The box at the beginning of HEIF files, with the first brand and the others. */
const brands = (...all: readonly string[]) => {
  const names = Buffer.from([all[0], '\0\0\0\0', ...all].join(''));
  return Buffer.concat([Buffer.from([0, 0, 0, 8 + names.length]), Buffer.from('ftyp'), names, Buffer.alloc(64)]);
};

it.each([
  ['heic', 'mif1'],
  ['heix', 'mif1'],
  ['mif1', 'heic'],
  ['msf1', 'hevc'],
  ['hevc', 'msf1'],
])('a picture of the brands %s and %s is HEIC, whatever its name', async (...names) => {
  const sniffed = await sniff(brands(...names));
  expect(sniffed).toEqual({ outcome: 'refused', found: expect.stringMatching(/^image\/hei/) });
});

it('an AVIF may hide behind the brand of all HEIF', async () => {
  expect(await sniff(brands('avif', 'mif1'))).toMatchObject({ contentType: 'image/avif' });
  expect(await sniff(brands('mif1', 'avif', 'miaf'))).toMatchObject({ contentType: 'image/avif' });
});
