/** The last try of a damaged picture: what can be read of it, or the reason why there is nothing. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Rendering } from '../../services/transcoder/rendering.ts';
import { FileFault } from '../../shared/errors.ts';
import { CORPUS, needs } from '../support/needs.ts';
import { blackPng, declareAnimated, sparseGif } from '../support/pictures.ts';
import { renderPicture } from '../support/render-picture.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const DAMAGED = 'The picture is damaged: a part of it could not be read.';

function rescue(directory: TemporaryDirectory, bytes: Buffer, contentType: string): Promise<Rendering> {
  return render(directory, bytes, contentType, true);
}

function render(
  { path }: TemporaryDirectory,
  bytes: Buffer,
  contentType: string,
  lenient: boolean,
): Promise<Rendering> {
  return renderPicture(bytes, contentType, path, { lenient });
}

async function refusal(bytes: Buffer, contentType: string): Promise<string> {
  await using directory = await temporaryDirectory();
  const outcome = await rescue(directory, bytes, contentType).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(FileFault);
  expect(await readdir(directory.path)).toEqual(['original']);
  return outcome instanceof FileFault ? outcome.message : expect.unreachable();
}

/** Grain from top to bottom, so that what is missing shows, and half of the file is half of the picture. */
const grain = () =>
  sharp({
    create: {
      width: 240,
      height: 180,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });

const firstPart = (whole: Buffer, share = 0.6) => whole.subarray(0, whole.length * share);

/** How much the pixels of the upper and of the lower third of a picture differ among each other. */
async function liveliness(directory: TemporaryDirectory, file: string): Promise<{ top: number; bottom: number }> {
  const deviation = async (top: number) => {
    const third = await sharp(join(directory.path, file))
      .extract({ left: 0, top, width: 240, height: 60 })
      .removeAlpha()
      .toBuffer();
    return (await sharp(third).stats()).channels[0]?.stdev ?? 0;
  };
  return { top: await deviation(0), bottom: await deviation(120) };
}

describe('a picture that was cut off', () => {
  it.each([
    ['image/jpeg', grain().jpeg()],
    ['image/png', grain().png()],
    ['image/gif', grain().gif()],
  ])('%s is shown as far as it goes', async (contentType, encoded) => {
    await using directory = await temporaryDirectory();
    const { variants, warning } = await rescue(directory, firstPart(await encoded.toBuffer()), contentType);
    expect(warning).toBe(DAMAGED);
    expect(variants.map(({ file }) => file)).toEqual(['full.webp', 'full.jpg', 'thumbnail.webp']);
    const { top, bottom } = await liveliness(directory, 'full.jpg');
    expect(top).toBeGreaterThan(15);
    expect(bottom).toBeLessThan(5);
  });

  it('is shown in WebP too, of which libwebp reads nothing unless it is as long as it says', async () => {
    await using directory = await temporaryDirectory();
    const { variants, warning } = await rescue(directory, firstPart(await grain().webp().toBuffer()), 'image/webp');
    expect(warning).toBe(DAMAGED);
    expect(variants).toHaveLength(3);
    expect((await liveliness(directory, 'full.jpg')).top).toBeGreaterThan(15);
    expect(await readdir(directory.path)).toHaveLength(4);
  });

  it.each([0.4, 0.7, 0.95])('is shown in animated WebP up to the last whole frame, of %d', async (share) => {
    await using directory = await temporaryDirectory();
    const frames = await Promise.all([0, 1, 2, 3].map(() => grain().removeAlpha().raw().toBuffer()));
    const raw = { width: 240, height: 4 * 180, channels: 3, pageHeight: 180 } as const;
    const whole = await sharp(Buffer.concat(frames), { raw })
      .webp({ delay: [100, 100, 100, 100] })
      .toBuffer();
    const { warning } = await rescue(directory, firstPart(whole, share), 'image/webp');
    expect(warning).toBe(DAMAGED);
    const { pages } = await sharp(join(directory.path, 'full.webp'), { animated: true }).metadata();
    expect(pages ?? 1).toBe(Math.floor(4 * share));
    expect((await liveliness(directory, 'full.jpg')).bottom).toBeGreaterThan(15);
  });

  it('has its warning before what else there is to say', async () => {
    await using directory = await temporaryDirectory();
    const animated = declareAnimated(await grain().png().toBuffer(), 2);
    const { warning } = await rescue(directory, firstPart(animated), 'image/apng');
    expect(warning).toBe(`${DAMAGED} Only the first frame of an animated PNG is shown.`);
  });

  it('is shown where it comes from the world', needs.corpus, async () => {
    await using directory = await temporaryDirectory();
    const { variants, warning } = await rescue(
      directory,
      await readFile(join(CORPUS, 'image/truncated.jpg')),
      'image/jpeg',
    );
    expect(warning).toBe(DAMAGED);
    expect(variants.length).toBeGreaterThanOrEqual(3);
  });
});

it('flipped bits cost a part of the picture', async () => {
  await using directory = await temporaryDirectory();
  const whole = await grain().png().toBuffer();
  const middle = Math.floor(whole.length / 2);
  whole.fill(0x5a, middle, middle + 64);
  expect((await rescue(directory, whole, 'image/png')).warning).toBe(DAMAGED);
});

it('a whole picture is rendered as ever, with nothing to warn of', async () => {
  await using asEver = await temporaryDirectory();
  await using rescued = await temporaryDirectory();
  const whole = await grain().jpeg().toBuffer();
  expect(await rescue(rescued, whole, 'image/jpeg')).toEqual(await render(asEver, whole, 'image/jpeg', false));
});

describe('what a rescue does not help', () => {
  it('is a picture of which nothing can be read', async () => {
    const png = await grain().png().toBuffer();
    const reason = 'The picture is damaged: nothing of it can be read.';
    expect(await refusal(png.subarray(0, 300), 'image/png')).toBe(reason);
    const avif = await grain().avif({ effort: 0 }).toBuffer();
    expect(await refusal(firstPart(avif), 'image/avif')).toBe('The picture is damaged or cut off.');
  });

  it('is a file that is no picture', async () => {
    const unreadable = 'The file is not a picture that can be read.';
    expect(await refusal(Buffer.from('hello '.repeat(1000)), 'image/png')).toBe(unreadable);
    expect(await refusal(Buffer.alloc(10_000), 'image/webp')).toBe(unreadable);
    expect(await refusal(Buffer.alloc(0), 'image/webp')).toBe(unreadable);
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"><rect width="500" height="500"/></svg>';
    expect(await refusal(Buffer.from(svg), 'image/png')).toBe(unreadable);
  });

  it('is a picture that is refused', async () => {
    expect(await refusal(await grain().png().toBuffer(), 'image/jpeg')).toMatch(/begins like image\/jpeg/);
    expect(await refusal(await grain().tiff().toBuffer(), 'image/jpeg')).toMatch(/not a picture/);
    const tooLarge = /more than 100 million pixels/;
    expect(await refusal(blackPng(20_000, 20_000), 'image/png')).toMatch(tooLarge);
    expect(await refusal(firstPart(blackPng(20_000, 20_000)), 'image/png')).toMatch(tooLarge);
    expect(await refusal(sparseGif(2000, 2000, Array(26).fill(0)), 'image/gif')).toMatch(tooLarge);
  });
});
