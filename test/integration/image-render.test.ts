import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Color, type Sharp } from 'sharp';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hardenLibvips } from '../../services/transcoder/image/libvips.ts';
import { verifyOutput } from '../../services/transcoder/image/verify.ts';
import type { Assignment, RenderProgress } from '../../services/transcoder/rendering.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { runTool } from '../../shared/run-tool.ts';
import { eventually } from '../support/eventually.ts';
import { declareAnimated, sparseGif } from '../support/pictures.ts';
import { renderPicture } from '../support/render-picture.ts';
import { needsBwrap, settings } from '../support/render-settings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const RED = { r: 255, g: 0, b: 0 };

const plain = (width: number, height: number, background: Color = RED) =>
  sharp({ create: { width, height, channels: 3, background } });

/** Left half red, right half blue, so that turning it shows. */
const redAndBlue = (width: number, height: number) =>
  plain(width, height, 'blue').composite([
    { input: { create: { width: width / 2, height, channels: 3, background: RED } }, left: 0, top: 0 },
  ]);

/** Frames of one colour each, stacked as sharp wants them. */
async function animation(width: number, height: number, colours: readonly string[]): Promise<Sharp> {
  const frames = await Promise.all(colours.map((colour) => plain(width, height, colour).raw().toBuffer()));
  return sharp(Buffer.concat(frames), {
    raw: { width, height: height * colours.length, channels: 3, pageHeight: height },
  });
}

async function render(picture: Buffer, contentType: string, given: Partial<Assignment> = {}) {
  const directory = await temporaryDirectory();
  const reported: RenderProgress[] = [];
  const onProgress = (progress: RenderProgress) => void reported.push(progress);
  const rendering = await renderPicture(picture, contentType, directory.path, { onProgress, ...given });
  return {
    ...rendering,
    percents: reported.map(({ percent }) => percent),
    sizes: rendering.variants.map(({ file, width, height }) => `${file} ${width}x${height}`),
    path: (file: string) => join(directory.path, file),
    [Symbol.asyncDispose]: directory[Symbol.asyncDispose],
  };
}

/** [red, green, blue] or [red, green, blue, alpha] of one pixel, as a browser would paint it. */
async function pixel(path: string, left: number, top: number): Promise<number[]> {
  return [...(await sharp(path).extract({ left, top, width: 1, height: 1 }).raw().toBuffer())];
}

/** Within 5 of each channel: lossy formats. */
const near = (...channels: number[]) => channels.map((channel) => expect.closeTo(channel, -1));

describe('rendering a picture', () => {
  it('gives a large one every rung, its own size and a thumbnail, with the truth about each', async () => {
    await using done = await render(await redAndBlue(5000, 3000).jpeg().toBuffer(), 'image/jpeg');
    expect(done.kind).toBe('image');
    expect(done.warning).toBeUndefined();
    expect(done.sizes).toEqual([
      '360p.webp 600x360',
      '360p.jpg 600x360',
      '480p.webp 800x480',
      '480p.jpg 800x480',
      '720p.webp 1200x720',
      '720p.jpg 1200x720',
      '1080p.webp 1800x1080',
      '1080p.jpg 1800x1080',
      'full.webp 5000x3000',
      'full.jpg 5000x3000',
      'thumbnail.webp 150x150',
    ]);
    for (const variant of done.variants) {
      const found = await sharp(done.path(variant.file)).metadata();
      expect(found).toMatchObject({ width: variant.width, height: variant.height, mediaType: variant.contentType });
      expect((await sharp(done.path(variant.file)).toBuffer()).length).toBeGreaterThan(0);
    }
    expect(await pixel(done.path('1080p.jpg'), 100, 500)).toEqual(near(255, 0, 0));
    expect(await pixel(done.path('1080p.webp'), 1700, 500)).toEqual(near(0, 0, 255));
  });

  it('reports whole percents that only rise, up to 99', async () => {
    await using done = await render(await plain(1280, 720).jpeg().toBuffer(), 'image/jpeg');
    expect(done.percents).toEqual(done.percents.toSorted((a, b) => a - b));
    expect(done.percents).toHaveLength(done.variants.length);
    expect(done.percents.at(-1)).toBe(99);
    expect(done.percents.every(Number.isInteger)).toBe(true);
  });

  it('does not enlarge a small one', async () => {
    await using done = await render(await plain(200, 100).png().toBuffer(), 'image/png');
    expect(done.sizes).toEqual(['full.webp 200x100', 'full.jpg 200x100', 'thumbnail.webp 150x150']);
  });

  it('turns it upright (EXIF orientation 6)', async () => {
    const lying = await redAndBlue(960, 640).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    await using done = await render(lying, 'image/jpeg');
    expect(done.sizes).toContain('full.jpg 640x960');
    expect(done.sizes).toContain('360p.webp 360x540');
    expect(await pixel(done.path('360p.jpg'), 180, 40)).toEqual(near(255, 0, 0));
    expect(await pixel(done.path('full.webp'), 320, 900)).toEqual(near(0, 0, 255));
    expect(await pixel(done.path('thumbnail.webp'), 75, 140)).toEqual(near(0, 0, 255));
  });

  it('keeps transparency in WebP and lays it on white in JPEG', async () => {
    const clear = sharp({
      create: { width: 700, height: 400, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    });
    await using done = await render(await clear.png().toBuffer(), 'image/png');
    expect(await pixel(done.path('360p.webp'), 10, 10)).toHaveLength(4);
    expect((await pixel(done.path('360p.webp'), 10, 10))[3]).toBe(0);
    expect(await pixel(done.path('360p.jpg'), 10, 10)).toEqual(near(255, 255, 255));
    expect(await pixel(done.path('full.jpg'), 10, 10)).toEqual(near(255, 255, 255));
  });

  it.each([
    ['image/gif', (stack: Sharp) => stack.gif({ loop: 3, delay: [100, 200, 300] })],
    ['image/webp', (stack: Sharp) => stack.webp({ loop: 3, delay: [100, 200, 300], lossless: true })],
  ])('keeps %s moving in WebP, with its timing, and shows its first frame in JPEG', async (contentType, encode) => {
    const stack = await animation(640, 360, ['red', 'lime', 'blue']);
    await using done = await render(await encode(stack).toBuffer(), contentType);
    expect(done.kind).toBe('image');
    expect(done.sizes).toEqual([
      '360p.webp 640x360',
      '360p.jpg 640x360',
      'full.webp 640x360',
      'full.jpg 640x360',
      'thumbnail.webp 150x150',
    ]);
    for (const file of ['360p.webp', 'full.webp']) {
      const moving = await sharp(done.path(file), { animated: true }).metadata();
      expect(moving).toMatchObject({ pages: 3, pageHeight: 360, loop: 3, delay: [100, 200, 300] });
      const last = await sharp(done.path(file), { page: 2 }).raw().toBuffer();
      expect([...last.subarray(0, 3)]).toEqual(near(0, 0, 255));
    }
    expect(await pixel(done.path('360p.jpg'), 320, 180)).toEqual(near(255, 0, 0));
    expect(await pixel(done.path('thumbnail.webp'), 75, 75)).toEqual(near(255, 0, 0));
  });

  it('takes an animation whose frames repeat, though libwebp joins them', async () => {
    await using done = await render(sparseGif(640, 360, [0, 0, 1, 1, 1, 0]), 'image/gif');
    expect(done.variants.find(({ file }) => file === '360p.webp')).toMatchObject({ durationSeconds: 0.6 });
    expect(done.variants.find(({ file }) => file === '360p.jpg')).not.toHaveProperty('durationSeconds');
    const { pages = 1, delay = [] } = await sharp(done.path('full.webp'), { animated: true }).metadata();
    expect(pages).toBeLessThan(6);
    expect(delay.reduce((sum, ms) => sum + ms, 0)).toBe(600);
  });

  it('renders an animation that claims to lie on its side, as libvips cannot turn it', async () => {
    const stack = await animation(640, 360, ['red', 'blue']);
    await using done = await render(await stack.withMetadata({ orientation: 6 }).webp().toBuffer(), 'image/webp');
    expect(done.sizes).toContain('full.webp 640x360');
  });

  it('shows an animated PNG as a still and says so', async () => {
    await using done = await render(declareAnimated(await plain(640, 360).png().toBuffer(), 8), 'image/apng');
    expect(done.warning).toBe('Only the first frame of an animated PNG is shown.');
    expect(done.sizes).toContain('360p.jpg 640x360');
  });

  it.each<[string, string, Sharp]>([
    ['Display P3', 'image/jpeg', plain(640, 360).withIccProfile('p3').jpeg({ quality: 95 })],
    ['16 bits', 'image/png', plain(640, 360).toColourspace('rgb16').png()],
    ['AVIF', 'image/avif', plain(640, 360).avif()],
  ])('shows the colours of %s right in sRGB', async (_what, contentType, encoded) => {
    await using done = await render(await encoded.toBuffer(), contentType);
    for (const file of ['360p.webp', '360p.jpg', 'full.webp', 'full.jpg', 'thumbnail.webp']) {
      expect(await pixel(done.path(file), 75, 75)).toEqual(near(255, 0, 0));
    }
  });

  it('turns CMYK and grey into sRGB of three channels', async () => {
    for (const encoded of [plain(640, 360).toColourspace('cmyk').jpeg(), plain(640, 360, 'grey').greyscale().png()]) {
      const picture = await encoded.toBuffer();
      const contentType = (await sharp(picture).metadata()).mediaType ?? '';
      await using done = await render(picture, contentType);
      for (const { file } of done.variants) {
        expect(await sharp(done.path(file)).metadata()).toMatchObject({ space: 'srgb', channels: 3, depth: 'uchar' });
      }
    }
  });

  it('lets no metadata out', async () => {
    const telling = await plain(640, 360)
      .withExif({ IFD0: { Copyright: 'the-owner' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">the-owner</x:xmpmeta>')
      .jpeg()
      .toBuffer();
    expect(telling.includes('the-owner')).toBe(true);
    await using done = await render(telling, 'image/jpeg');
    for (const { file } of done.variants) {
      const { exif, xmp, iptc, icc, orientation } = await sharp(done.path(file)).metadata();
      expect({ exif, xmp, iptc, icc, orientation }).toEqual({});
      expect((await sharp(done.path(file)).keepMetadata().toBuffer()).includes('the-owner')).toBe(false);
    }
  });
});

describe('a render that cannot go on', () => {
  /** Where a signal from outside arrives as a crash does, and /dev is there. */
  const unboxed = { settings: { ...settings, sandbox: NO_SANDBOX } };

  /** An animation of 96 million pixels, and the process that is busy with it. */
  async function busy(directory: string, given: Partial<Assignment> = {}) {
    const house = new AbortController();
    const rendering = renderPicture(sparseGif(2000, 2000, Array(24).fill(0)), 'image/gif', directory, {
      signal: house.signal,
      ...given,
    });
    // It is looked at when the test has done to it what it came for.
    rendering.catch(() => {});
    const pid = await eventually(() => imageProcess(directory), { within: 10_000 });
    const gone = () => eventually(() => expect(existsSync(`/proc/${pid}`)).toBe(false), { within: 5000 });
    return { rendering, house, pid, gone };
  }

  /** A sandbox has it as a child of its own. */
  async function imageProcess(directory: string): Promise<number> {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const [program, ...rest] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      if (program === process.execPath && rest.join().includes(directory)) return Number(pid);
    }
    throw new Error('no image process runs');
  }

  it('ends at once with the reason of the signal, and takes its process with it', async () => {
    await using directory = await temporaryDirectory();
    const { rendering, house, gone } = await busy(directory.path);
    const asked = performance.now();
    house.abort(new Error('the house closes'));
    await expect(rendering).rejects.toThrow('the house closes');
    expect(performance.now() - asked).toBeLessThan(1000);
    await gone();
  });

  it('does not begin when it was aborted before', async () => {
    await using directory = await temporaryDirectory();
    const signal = AbortSignal.abort(new Error('the house is closed'));
    await expect(renderPicture(Buffer.alloc(0), 'image/png', directory.path, { signal })).rejects.toThrow(
      'the house is closed',
    );
  });

  it('is the fault of the file when it crashes the decoder, and nothing else crashes', async () => {
    await using directory = await temporaryDirectory();
    const { rendering, pid } = await busy(directory.path, unboxed);
    process.kill(pid, 'SIGSEGV');
    await expect(rendering).rejects.toMatchObject({
      name: 'FileFault',
      message: 'The picture is damaged in a way that crashes the decoder.',
      toolOutput: 'SIGSEGV',
      certain: false,
    });
  });

  it('is not the fault of the file when somebody kills the process, as the kernel does when memory is short', async () => {
    await using directory = await temporaryDirectory();
    const { rendering, pid } = await busy(directory.path);
    process.kill(pid, 'SIGKILL');
    await expect(rendering).rejects.toMatchObject({
      name: 'ToolFailed',
      message: expect.stringContaining('SIGKILL'),
      end: { trouble: 'no-memory' },
    });
  });

  it('knows none of the keys of the transcoder', async () => {
    await using directory = await temporaryDirectory();
    vi.stubEnv('S3_SECRET_ACCESS_KEY', 'very-secret');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { rendering, house, pid } = await busy(directory.path);
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain('very-secret');
    house.abort();
    await expect(rendering).rejects.toThrow();
  });

  it('reaches no network and no other process, where the machine has a sandbox', needsBwrap, async () => {
    await using directory = await temporaryDirectory();
    const { rendering, house, pid } = await busy(directory.path);
    for (const kind of ['net', 'pid', 'mnt', 'ipc']) {
      expect(await readlink(`/proc/${pid}/ns/${kind}`)).not.toBe(await readlink(`/proc/self/ns/${kind}`));
    }
    expect(await readdir(`/proc/${pid}/root/home`).catch(() => 'hidden')).toBe('hidden');
    house.abort();
    await expect(rendering).rejects.toThrow();
  });

  it('does not blame the file for a full disk', needsBwrap, async () => {
    await using directory = await temporaryDirectory();
    await using elsewhere = await temporaryDirectory();
    const source = join(elsewhere.path, 'photo.jpg');
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    await sharp({ create: { width: 900, height: 600, channels: 3, background: 'grey', noise } })
      .jpeg()
      .toFile(source);
    const disk = [
      '--dev-bind',
      '/',
      '/',
      '--size',
      String((await stat(source)).size + 65_536),
      '--tmpfs',
      directory.path,
    ];
    const program = [process.execPath, join(import.meta.dirname, '../support/picture-on-disk.ts')];
    const args = [...disk, ...program, source, 'image/jpeg', directory.path];
    expect(await runTool('bwrap', args, { timeoutMs: 30_000 })).toBe('system ENOSPC');
  });

  it('takes no longer than it may', async () => {
    await using directory = await temporaryDirectory();
    const picture = await plain(9, 9).png().toBuffer();
    const rendering = renderPicture(picture, 'image/png', directory.path, {}, { timeoutMs: 30 });
    await expect(rendering).rejects.toMatchObject({
      name: 'FileFault',
      message: expect.stringMatching(/^The picture takes longer than .* to render/),
      certain: false,
    });
  });

  it('does not take an output that differs from its plan', async () => {
    hardenLibvips();
    await using directory = await temporaryDirectory();
    const planned = {
      name: '360p',
      file: '360p.webp',
      format: 'webp',
      width: 640,
      height: 360,
      fit: 'fill',
      frames: 1,
      durationMs: 0,
      loop: 0,
      from: 'original',
    } as const;
    const outcome = async (image: Sharp, claim: { readonly bytes?: number } = {}) => {
      const bytes = await image.toBuffer();
      await writeFile(join(directory.path, '360p.webp'), bytes);
      return verifyOutput(planned, claim.bytes ?? bytes.length, directory.path);
    };
    await expect(outcome(plain(640, 360).webp())).resolves.toBeUndefined();
    await expect(outcome(plain(640, 361).webp())).rejects.toThrow('height is "361", planned was "360"');
    await expect(outcome(plain(640, 360).jpeg())).rejects.toThrow('format is "image/jpeg", planned was "image/webp"');
    await expect(outcome(plain(640, 360).webp(), { bytes: 1 })).rejects.toThrow('bytes is');
    await expect(
      outcome(
        plain(640, 360)
          .withExif({ IFD0: { Copyright: 'x' } })
          .webp(),
      ),
    ).rejects.toThrow('metadata');
    await expect(outcome((await animation(640, 360, ['red', 'blue'])).webp())).rejects.toThrow('frames is "2"');
  });
});
