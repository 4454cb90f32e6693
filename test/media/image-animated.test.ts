/** Animations: what a browser would show of the original is what it shows of the outputs, frame by frame. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { FileFault } from '../../shared/errors.ts';
import { type GifFrame, gif } from '../support/gif.ts';
import { renderPicture } from '../support/render-picture.ts';
import { settings } from '../support/render-settings.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { keyframes, lookAt } from '../support/video.ts';

const [BLACK, WHITE, RED, BLUE] = [0, 1, 2, 3];
const [WIDTH, HEIGHT] = [64, 48];

const whole = (colour: number, more: Partial<GifFrame> = {}): GifFrame => ({
  width: WIDTH,
  height: HEIGHT,
  colour,
  ...more,
});

const corner = (colour: number, more: Partial<GifFrame> = {}): GifFrame => ({ width: 20, height: 20, colour, ...more });

async function timing({ path }: TemporaryDirectory) {
  const { pages, delay, loop } = await sharp(join(path, 'full.webp'), { animated: true }).metadata();
  return { pages, delay, loop };
}

/** The pixel of each frame of full.webp at this place. */
async function pixels({ path }: TemporaryDirectory, left: number, top: number): Promise<number[][]> {
  const { pages = 1 } = await sharp(join(path, 'full.webp')).metadata();
  const frames = Array.from({ length: pages }, (_, page) =>
    sharp(join(path, 'full.webp'), { page }).ensureAlpha().extract({ left, top, width: 1, height: 1 }).raw().toBuffer(),
  );
  return (await Promise.all(frames)).map((pixel) => [...pixel]);
}

const near = (...channels: number[]) => channels.map((channel) => expect.closeTo(channel, -1.2));
const red = near(255, 0, 0, 255);
const blue = near(0, 0, 255, 255);
const nothing = [expect.any(Number), expect.any(Number), expect.any(Number), 0];

describe('how long each frame is shown', () => {
  it.each<[string, (number | undefined)[], number[]]>([
    ['as the file says', [7, 20, 150], [70, 200, 1500]],
    ['100 ms where it says nothing', [undefined, undefined], [100, 100]],
    ['100 ms where only the first says something', [50, 0, 0], [500, 100, 100]],
    ['100 ms for 0 and 10 ms, as browsers do', [0, 1, 2, 3], [100, 100, 20, 30]],
    ['minutes', [65_535, 10], [655_350, 100]],
  ])('is %s', async (_what, delays, expected) => {
    await using directory = await temporaryDirectory();
    const frames = delays.map((delay, index) => whole(index % 4, delay === undefined ? {} : { delay }));
    const { variants } = await renderPicture(gif(WIDTH, HEIGHT, frames, 0), 'image/gif', directory.path);
    expect(await timing(directory)).toMatchObject({ delay: expected });
    const seconds = expected.reduce((sum, ms) => sum + ms, 0) / 1000;
    expect(variants.find(({ file }) => file === 'full.webp')).toMatchObject({ durationSeconds: seconds });
  });
});

it.each<[string, number | undefined, number]>([
  ['for ever', 0, 0],
  ['once, where nothing is said', undefined, 1],
  ['four times, as NETSCAPE counts the repetitions', 3, 4],
  ['as often as WebP can say', 65_534, 65_535],
  ['for ever, where WebP cannot say how often', 65_535, 0],
])('plays %s', async (_what, netscape, plays) => {
  await using directory = await temporaryDirectory();
  const frames = [whole(RED, { delay: 10 }), whole(BLUE, { delay: 10 })];
  await renderPicture(gif(WIDTH, HEIGHT, frames, netscape), 'image/gif', directory.path);
  expect(await timing(directory)).toMatchObject({ pages: 2, loop: plays });
});

describe('what each frame shows', () => {
  it('is drawn over the one before, in its own place', async () => {
    await using directory = await temporaryDirectory();
    const frames = [whole(RED, { delay: 10, disposal: 1 }), corner(BLUE, { left: 40, top: 20, delay: 10 })];
    await renderPicture(gif(WIDTH, HEIGHT, frames, 0), 'image/gif', directory.path);
    expect(await pixels(directory, 50, 30)).toEqual([red, blue]);
    expect(await pixels(directory, 5, 5)).toEqual([red, red]);
  });

  it('is cleared away, or what was before comes back', async () => {
    await using directory = await temporaryDirectory();
    const frames = [
      corner(RED, { delay: 10, disposal: 2, transparent: true }),
      corner(BLUE, { delay: 10, left: 40, top: 20, disposal: 3 }),
      corner(WHITE, { delay: 10, left: 20, top: 0, disposal: 1 }),
    ];
    await renderPicture(gif(WIDTH, HEIGHT, frames, 0), 'image/gif', directory.path);
    expect(await pixels(directory, 10, 10)).toEqual([red, nothing, nothing]);
    expect(await pixels(directory, 50, 30)).toEqual([nothing, blue, nothing]);
  });

  it('keeps what is transparent, which is white in JPEG', async () => {
    await using directory = await temporaryDirectory();
    const frames = [corner(BLACK, { delay: 10, transparent: true }), corner(RED, { delay: 10, left: 30 })];
    await renderPicture(gif(WIDTH, HEIGHT, frames, 0), 'image/gif', directory.path);
    expect((await pixels(directory, 5, 5))[0]).toEqual(nothing);
    const jpeg = await sharp(join(directory.path, 'full.jpg')).raw().toBuffer();
    expect([...jpeg.subarray(0, 3)]).toEqual(near(255, 255, 255));
  });
});

it('one frame is a still', async () => {
  await using directory = await temporaryDirectory();
  const still = gif(WIDTH, HEIGHT, [whole(RED, { delay: 50 })], 0);
  const { variants } = await renderPicture(still, 'image/gif', directory.path, {
    settings: { ...settings, animationMp4: true },
  });
  expect(variants.map(({ file }) => file)).toEqual(['full.webp', 'full.jpg', 'thumbnail.webp']);
  expect(variants.every((variant) => variant.durationSeconds === undefined)).toBe(true);
});

describe('an animation that was cut off', () => {
  const frames = [BLACK, WHITE, RED, BLUE].map((colour) => whole(colour, { delay: 10 }));
  const complete = gif(WIDTH, HEIGHT, frames, 0);

  it.each([0.3, 0.5, 0.8, 0.98])('after %d of a GIF is noticed, and rescued as far as it goes', async (share) => {
    const cut = complete.subarray(0, Math.floor(complete.length * share));
    await using refused = await temporaryDirectory();
    const refusal = await renderPicture(cut, 'image/gif', refused.path).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FileFault);
    expect(refusal).toMatchObject({ message: 'The picture is damaged or cut off.' });
    await using rescued = await temporaryDirectory();
    const { warning } = await renderPicture(cut, 'image/gif', rescued.path, { lenient: true });
    expect(warning).toBe('The picture is damaged: a part of it could not be read.');
  });

  it('is not a GIF that lacks its last byte, or has some too many', async () => {
    for (const bytes of [complete.subarray(0, -1), Buffer.concat([complete, Buffer.alloc(100, 7)])]) {
      await using directory = await temporaryDirectory();
      expect(await renderPicture(bytes, 'image/gif', directory.path)).not.toHaveProperty('warning');
      expect(await timing(directory)).toMatchObject({ pages: 4 });
    }
  });
});

describe('as MP4, where that is set', () => {
  const given = { settings: { ...settings, animationMp4: true } };

  it('has the same pictures for the same time, plays everywhere and leaves no frames behind', async () => {
    await using directory = await temporaryDirectory();
    const frames = [whole(RED, { delay: 50, disposal: 1 }), whole(BLUE, { delay: 10 }), corner(RED, { delay: 20 })];
    const odd = gif(WIDTH + 1, HEIGHT + 1, frames, 0);
    const { variants } = await renderPicture(odd, 'image/gif', directory.path, given);
    const movie = variants.find(({ file }) => file === 'full.mp4');
    expect(movie).toMatchObject({
      name: 'full',
      contentType: 'video/mp4',
      width: 64,
      height: 48,
      durationSeconds: 0.8,
    });
    const { format, streams } = await lookAt(directory.path, 'full.mp4');
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', nb_frames: '8', r_frame_rate: '10/1' });
    expect(Number(format.duration)).toBeCloseTo(0.8, 2);
    expect((await keyframes(directory.path, 'full.mp4'))[0]).toBe(0);
    const bytes = await readFile(join(directory.path, 'full.mp4'));
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    expect((await readdir(directory.path)).sort()).toEqual([
      'full.jpg',
      'full.mp4',
      'full.webp',
      'original',
      'thumbnail.webp',
    ]);
  });

  it('is left out where it would last too long, which is said', async () => {
    await using directory = await temporaryDirectory();
    const slow = gif(WIDTH, HEIGHT, [whole(RED, { delay: 65_535 }), whole(BLUE, { delay: 10 })], 0);
    const { variants, warning } = await renderPicture(slow, 'image/gif', directory.path, given);
    expect(variants.map(({ file }) => file)).not.toContain('full.mp4');
    expect(warning).toBe('full.mp4 was left out: the animation lasts longer than 5 minutes.');
  });

  it('is made of an animated WebP, what is transparent on white', async () => {
    await using directory = await temporaryDirectory();
    const frames = [corner(RED, { delay: 4, transparent: true }), corner(BLUE, { delay: 4, left: 40, top: 20 })];
    const webp = await sharp(gif(WIDTH, HEIGHT, frames, 0), { animated: true })
      .webp({ lossless: true })
      .toBuffer();
    const { variants } = await renderPicture(webp, 'image/webp', directory.path, given);
    expect(variants.find(({ file }) => file === 'full.mp4')).toMatchObject({ durationSeconds: 0.08 });
  });

  it('ends with the house, and takes ffmpeg with it', async () => {
    await using directory = await temporaryDirectory();
    const house = new AbortController();
    const frames = Array.from({ length: 400 }, (_, index) => whole(index % 4, { delay: 2 }));
    const rendering = renderPicture(gif(2000, 20, frames, 0), 'image/gif', directory.path, {
      ...given,
      signal: house.signal,
      onProgress: ({ percent }) => percent === 99 && setTimeout(() => house.abort(new Error('closed')), 150),
    });
    await expect(rendering).rejects.toThrow('closed');
  });
});
