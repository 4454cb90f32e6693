import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Assignment } from '../../services/transcoder/rendering.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { keptContentTypes } from '../../services/upload/intake/media-type.ts';
import { FileFault } from '../../shared/errors.ts';
import { gif } from '../support/gif.ts';
import { placeCanary } from '../support/hostile/canary.ts';
import { referencesTo } from '../support/hostile/references.ts';
import { needs } from '../support/needs.ts';
import { blackPng, sparseGif, withBytesAt } from '../support/pictures.ts';
import { renderPicture } from '../support/render-picture.ts';
import { settings } from '../support/render-settings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** The reason that the owner of the file gets. Anything but a FileFault, or outputs left behind, fails the test. */
async function refusal(
  bytes: Buffer,
  contentType: string,
): Promise<{ reason: string; toolOutput: string | undefined }> {
  await using directory = await temporaryDirectory();
  const outcome = await renderPicture(bytes, contentType, directory.path).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(FileFault);
  expect(await readdir(directory.path)).toEqual(['original']);
  return outcome instanceof FileFault
    ? { reason: outcome.message, toolOutput: outcome.toolOutput }
    : expect.unreachable();
}

const PICTURES = keptContentTypes.filter((type) => type.startsWith('image/'));

/** Noise does not compress, so that half of the file is half of the picture. */
const noise = () =>
  sharp({
    create: {
      width: 240,
      height: 180,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });

describe('a picture that is not whole', () => {
  it.each([
    ['image/jpeg', noise().jpeg()],
    ['image/png', noise().png()],
    ['image/webp', noise().webp()],
    ['image/gif', noise().gif()],
    ['image/avif', noise().avif({ effort: 0 })],
  ])(
    '%s cut off in the middle is refused, with the words of libvips for the operator',
    async (contentType, encoded) => {
      const whole = await encoded.toBuffer();
      const { reason, toolOutput } = await refusal(whole.subarray(0, whole.length * 0.6), contentType);
      expect(reason).toBe('The picture is damaged or cut off.');
      expect(toolOutput).toMatch(/\w{4}/);
    },
  );

  it('flipped bits in a PNG are noticed', async () => {
    const whole = await noise().png().toBuffer();
    const middle = Math.floor(whole.length / 2);
    whole.fill(0x5a, middle, middle + 64);
    expect(await refusal(whole, 'image/png')).toMatchObject({ reason: 'The picture is damaged or cut off.' });
  });
});

describe('a JPEG with stray bytes between its segments', () => {
  const markerAt = (jpeg: Buffer, marker: number) => jpeg.indexOf(Buffer.from([0xff, marker]));
  const DAMAGED = { reason: 'The picture is damaged or cut off.' };

  async function untidy(): Promise<Buffer> {
    const jpeg = await noise().jpeg().toBuffer();
    const withOne = withBytesAt(jpeg, markerAt(jpeg, 0xda), [0x12]);
    return withBytesAt(withOne, markerAt(withOne, 0xdb), [0, 0]);
  }

  it('is rendered without a word, as every viewer shows it', async () => {
    await using directory = await temporaryDirectory();
    const { variants, warning } = await renderPicture(await untidy(), 'image/jpeg', directory.path);
    expect(variants).toHaveLength(3);
    expect(warning).toBeUndefined();
    const files = variants.map(({ file }) => file);
    expect((await readdir(directory.path)).toSorted()).toEqual([...files, 'original'].toSorted());
  });

  it('is refused all the same where it is cut off, or its data is damaged', async () => {
    const jpeg = await untidy();
    expect(await refusal(jpeg.subarray(0, jpeg.length * 0.6), 'image/jpeg')).toMatchObject(DAMAGED);
    const middle = Math.floor(jpeg.length / 2);
    // A marker ends the data. Not every bit that is flipped there shows.
    const damaged = Buffer.from(jpeg).fill(Buffer.from([0xff, 0x5a]), middle, middle + 2);
    expect(await refusal(damaged, 'image/jpeg')).toMatchObject(DAMAGED);
    // libvips does not tell a missing end from data that is cut off.
    expect(await refusal(jpeg.subarray(0, -2), 'image/jpeg')).toMatchObject(DAMAGED);
  });
});

describe('a file that is not the picture it was taken for', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"><rect width="500" height="500"/></svg>';

  it.each([
    ['an SVG, which could name other files', Buffer.from(svg)],
    ['text', Buffer.from('hello '.repeat(1000))],
    ['zeros', Buffer.alloc(10_000)],
    ['nothing', Buffer.alloc(0)],
  ])('%s cannot be read', async (_what, bytes) => {
    expect(await refusal(bytes, 'image/png')).toMatchObject({ reason: 'The file is not a picture that can be read.' });
  });

  it('a TIFF is not read, although libvips could', async () => {
    const { reason } = await refusal(await noise().tiff().toBuffer(), 'image/jpeg');
    expect(reason).toBe('The file is not a picture that can be read.');
  });

  it('a picture of another type than the door found is not read either', async () => {
    const { reason } = await refusal(await noise().png().toBuffer(), 'image/jpeg');
    expect(reason).toBe('The file begins like image/jpeg, but it holds image/png.');
  });

  it('a type that is no picture of ours is named', async () => {
    const { reason } = await refusal(await noise().png().toBuffer(), 'image/x-icon');
    expect(reason).toBe('Pictures of the type image/x-icon are not supported.');
  });
});

describe('a file that is a picture and something else', () => {
  const page = Buffer.from(`<?php system('id'); ?><script>alert(1)</script>PK\x03\x04%PDF-1.7`);

  it.each([
    ['image/jpeg', noise().jpeg()],
    ['image/png', noise().png()],
    ['image/gif', noise().gif()],
    ['image/webp', noise().webp()],
  ])('%s comes out as the picture alone', async (contentType, encoded) => {
    await using directory = await temporaryDirectory();
    const both = Buffer.concat([await encoded.toBuffer(), page]);
    const { variants } = await renderPicture(both, contentType, directory.path);
    for (const { file } of variants) {
      const bytes = await readFile(join(directory.path, file));
      expect(
        ['<?php', '<script', '%PDF', 'PK\x03\x04'].filter((text) => bytes.includes(text)),
        file,
      ).toEqual([]);
    }
  });
});

describe('a header that lies', () => {
  const claims = 9990;

  it('about the size of a PNG is found out in no time, and in no memory', async () => {
    const png = blackPng(16, 16);
    png.writeUInt32BE(claims, 16);
    png.writeUInt32BE(claims, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    expect(await refusal(png, 'image/png')).toMatchObject({ reason: 'The picture is damaged or cut off.' });
  });

  it('about the size of a JPEG too', async () => {
    const jpeg = await noise().jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    jpeg.writeUInt16BE(claims, frame + 5);
    jpeg.writeUInt16BE(claims, frame + 7);
    expect(await refusal(jpeg, 'image/jpeg')).toMatchObject({ reason: 'The picture is damaged or cut off.' });
  });

  it('about the length of a chunk leads nowhere', async () => {
    for (const [encoded, contentType, at] of [
      [await noise().png().toBuffer(), 'image/png', 33],
      [await noise().webp().toBuffer(), 'image/webp', 16],
      [await noise().avif({ effort: 0 }).toBuffer(), 'image/avif', 32],
    ] as const) {
      encoded.writeUInt32BE(0x7fff_fff0, at);
      await refusal(encoded, contentType);
    }
  });
});

describe('bits that are flipped here and there', () => {
  const animated = () =>
    Promise.resolve(
      gif(
        60,
        40,
        [0, 1, 2, 3].map((colour) => ({ width: 60, height: 40, colour, delay: 10 })),
        0,
      ),
    );

  it.each<[string, string, () => Promise<Buffer>]>([
    ['JPEG', 'image/jpeg', () => noise().jpeg().toBuffer()],
    ['progressive JPEG', 'image/jpeg', () => noise().jpeg({ progressive: true }).toBuffer()],
    ['PNG', 'image/png', () => noise().png().toBuffer()],
    ['WebP', 'image/webp', () => noise().webp().toBuffer()],
    ['lossless WebP', 'image/webp', () => noise().webp({ lossless: true, effort: 0 }).toBuffer()],
    ['GIF', 'image/gif', animated],
    [
      'animated WebP',
      'image/webp',
      async () =>
        sharp(await animated(), { animated: true })
          .webp()
          .toBuffer(),
    ],
    ['AVIF', 'image/avif', () => noise().avif({ effort: 0 }).toBuffer()],
  ])('of a %s do no harm', async (_what, contentType, make) => {
    const whole = await make();
    for (let seed = 1; seed <= 5; seed++) {
      for (const lenient of [false, true]) {
        await using directory = await temporaryDirectory();
        const outcome = await renderPicture(flipped(whole, seed), contentType, directory.path, { lenient }).catch(
          (error: unknown) => error,
        );
        // Anything else would be tried again and again, or blamed on us.
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(FileFault);
      }
    }
  });

  /** One bit in each thousand or so, the same ones for the same seed; some hit the header. */
  function flipped(whole: Buffer, seed: number): Buffer {
    const bytes = Buffer.from(whole);
    const flips = Math.max(3, Math.floor(bytes.length / 1000));
    let state = seed;
    for (let flip = 0; flip < flips; flip++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const at = Math.floor((flip % 3 === 0 ? Math.min(200, bytes.length) : bytes.length) * (state / 2 ** 32));
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (state % 8));
    }
    return bytes;
  }
});

describe('a bomb', () => {
  const tooLarge = 'The picture is too large: it has more than 100 million pixels, all frames counted.';

  it('of pixels is not unpacked', async () => {
    const bomb = blackPng(20_000, 20_000);
    expect(bomb.length).toBeLessThan(60_000);
    expect(await refusal(bomb, 'image/png')).toMatchObject({ reason: tooLarge });
  });

  it('of frames is not unpacked', async () => {
    const bomb = sparseGif(2000, 2000, Array(26).fill(0));
    expect(bomb.length).toBeLessThan(1000);
    expect(await refusal(bomb, 'image/gif')).toMatchObject({ reason: tooLarge });
  });

  it('of tiny frames is not unpacked either', async () => {
    const { reason } = await refusal(sparseGif(1, 1, Array(20_000).fill(0)), 'image/gif');
    expect(reason).toBe('The animation has more than 10000 frames. Please send it as a video (MP4).');
  });

  it('is told from a picture of many pixels that is within the limit', async () => {
    await using directory = await temporaryDirectory();
    const { variants } = await renderPicture(sparseGif(640, 360, [0, 1, 0]), 'image/gif', directory.path);
    expect(variants).toHaveLength(5);
  });
});

/** On the other side of each limit, by as little as can be. */
describe('a picture that is just within the limits', () => {
  async function judge(contentType: string, within: Buffer, beyond: Buffer, given: Partial<Assignment> = {}) {
    await using directory = await temporaryDirectory();
    const { variants } = await renderPicture(within, contentType, directory.path, given);
    expect(variants.length).toBeGreaterThan(1);
    return (await refusal(beyond, contentType)).reason;
  }

  it('is rendered, and refused beyond 100 million pixels', async () => {
    const reason = await judge('image/png', blackPng(100_000, 1000), blackPng(100_001, 1000));
    expect(reason).toContain('more than 100 million pixels');
  });

  it('is rendered, and refused beyond 10,000 frames', async () => {
    const frames = (count: number) => sparseGif(1, 1, Array(count).fill(0));
    expect(await judge('image/gif', frames(10_000), frames(10_001))).toContain('more than 10000 frames');
  });

  it('is rendered, and refused beyond 40 million pixels of AVIF', async () => {
    const within = await sharp({ create: { width: 8000, height: 5000, channels: 3, background: 'red' } })
      .avif({ effort: 0, quality: 1, chromaSubsampling: '4:2:0' })
      .toBuffer();
    const beyond = Buffer.from(within);
    beyond.writeUInt32BE(5001, beyond.indexOf('ispe') + 12);
    const given = { settings: { ...settings, imageFormats: ['jpeg'] } } as const;
    expect(await judge('image/avif', within, beyond, given)).toContain('more than 40 million pixels');
  });
});

/** Without a sandbox, in which there would be nothing to touch: the list of loaders has to be enough. */
describe('a file that names others', needs.linux, () => {
  const unboxed = { settings: { ...settings, sandbox: NO_SANDBOX } };

  it.each(['an SVG', 'a PDF', 'an HLS playlist', 'an ffconcat script'])('is not followed: %s', async (name) => {
    await using directory = await temporaryDirectory();
    await using canary = await placeCanary(directory.path);
    const targets = [canary.files[0], `file:${canary.files[0]}`, basename(canary.files[0]), `${canary.url}/a.png`];
    for (const [index, contentType] of PICTURES.entries()) {
      const text = Buffer.from(referencesTo(targets[index % targets.length] ?? '')[name] ?? '');
      // The last try is strict at first.
      const rendering = renderPicture(text, contentType, directory.path, { ...unboxed, lenient: true });
      await expect(rendering).rejects.toBeInstanceOf(FileFault);
    }
    expect(canary.touched()).toEqual([]);
  });

  it('would be noticed if it were: this is what sharp does with the name of a file', async () => {
    await using directory = await temporaryDirectory();
    await using canary = await placeCanary(directory.path);
    await sharp(canary.files[0])
      .metadata()
      .catch(() => {});
    expect(canary.touched()).toEqual([basename(canary.files[0])]);
  });
});
