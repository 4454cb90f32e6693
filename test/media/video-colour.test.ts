/** Colours and brightness come out as they went in, from whatever they were recorded in. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeVideo, type VideoRecipe } from '../../fixtures/make.ts';
import { CORPUS, needs } from '../support/needs.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { lookAt, renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
let made = 0;

beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

async function freshDirectory(): Promise<string> {
  made += 1;
  const directory = join(scratch.path, String(made));
  await mkdir(directory);
  return directory;
}

/** The colour at a place in an image, given in shares of its sides. */
async function colourAt(file: string, across: number, down: number): Promise<[number, number, number]> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const offset = (Math.floor(info.height * down) * info.width + Math.floor(info.width * across)) * 3;
  const [red = 0, green = 0, blue = 0] = data.subarray(offset, offset + 3);
  return [red, green, blue];
}

const sdr = { color_range: 'tv', color_space: 'bt709', color_primaries: 'bt709', color_transfer: 'bt709' };

/** x264 or x265 options for what the file says of its colours. */
const tagged = (range: string, matrix: string, primaries: string, transfer: string) => [
  ...['-color_range', range, '-colorspace', matrix, '-color_primaries', primaries, '-color_trc', transfer],
];
/** From the RGB of BT.709 into wider ones. */
const widened = (primaries: string, transfer: string, matrix: string) =>
  `format=gbrp10le,zscale=pin=bt709:tin=${transfer}:min=gbr:p=${primaries}:t=${transfer}:m=${matrix}:r=tv`;

const fullRange = 'format=gbrp,scale=out_range=pc:out_color_matrix=bt709';

const hd = { width: 1280, height: 720, seconds: 0.2, sound: false };

describe('a clip of one colour', () => {
  it.each<[string, Omit<VideoRecipe, 'file'>, string]>([
    ['in the YCbCr of standard definition', { options: ['-colorspace', 'smpte170m'] }, ''],
    // Large enough to be BT.709, which it has to be converted to, and back for the poster.
    ['in RGB', { ...hd, options: ['-c:v', 'libx264rgb', '-pix_fmt', 'rgb24'] }, ''],
    ['in 4:4:4 of ten bits', { options: ['-pix_fmt', 'yuv444p10le', '-colorspace', 'smpte170m'] }, ''],
    [
      'in full range',
      { options: ['-pix_fmt', 'yuvj420p', ...tagged('pc', 'bt709', 'bt709', 'bt709')] },
      `${fullRange},format=yuvj420p`,
    ],
    [
      'in full range of ten bits',
      { options: ['-pix_fmt', 'yuv420p10le', ...tagged('pc', 'bt709', 'bt709', 'bt709')] },
      `${fullRange},format=yuv420p10le`,
    ],
    [
      'in BT.2020',
      { ...hd, options: ['-pix_fmt', 'yuv420p10le', ...tagged('tv', 'bt2020nc', 'bt2020', 'bt2020-10')] },
      widened('bt2020', 'bt2020-10', 'bt2020nc'),
    ],
    [
      'in Display P3',
      { ...hd, options: tagged('tv', 'bt709', 'smpte432', 'iec61966-2-1') },
      widened('smpte432', 'iec61966-2-1', 'bt709'),
    ],
  ])('%s keeps it', async (_what, recipe, conversion) => {
    const filter = ['drawbox=color=0x2060c0:thickness=fill', conversion];
    const source = join(await freshDirectory(), 'blue.mkv');
    await makeVideo({ file: source, sound: false, ...recipe, filter: filter.filter(Boolean).join(',') });
    const directory = await freshDirectory();
    await renderClip(source, 'video/matroska', directory);
    const colour = await colourAt(join(directory, 'poster.jpg'), 0.5, 0.5);
    [0x20, 0x60, 0xc0].forEach((channel, index) => {
      expect(Math.abs((colour[index] ?? 0) - channel)).toBeLessThan(8);
    });
  });

  it('in HDR has its white below that of a screen, as lights are brighter, and nothing left of HDR', async () => {
    const display = 'G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)';
    const source = join(await freshDirectory(), 'white.mp4');
    // 203 cd/m², which BT.2408 has for white paper, is 573 in PQ of ten bits; 36 cd/m² is 423, the grey of a test card.
    await makeVideo({
      ...{ file: source, seconds: 0.2, sound: false },
      filter: "format=yuv420p10le,geq=lum='if(lt(X,W/2),573,423)':cb=512:cr=512",
      options: [
        ...['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le'],
        ...['-x265-params', `log-level=none:hdr10=1:master-display=${display}:max-cll=1000,400`],
        ...tagged('tv', 'bt2020nc', 'bt2020', 'smpte2084'),
      ],
    });
    const directory = await freshDirectory();
    await renderClip(source, 'video/mp4', directory);
    const { streams } = await lookAt(directory, '180p.mp4');
    expect(streams[0]).toMatchObject(sdr);
    expect(streams[0]).not.toHaveProperty('side_data_list');
    const [white] = await colourAt(join(directory, 'poster.jpg'), 0.25, 0.5);
    const [grey] = await colourAt(join(directory, 'poster.jpg'), 0.75, 0.5);
    expect(white).toBeGreaterThan(180);
    expect(white).toBeLessThan(220);
    expect(grey).toBeGreaterThan(95);
    expect(grey).toBeLessThan(135);
  });
});

describe('a clip that is transparent in parts', () => {
  // Red all over, a half of it opaque, a quarter half so, the rest not at all.
  const red = "format=rgba,geq=r=255:g=0:b=0:a='if(lt(X,W/2),255,if(lt(X,W*3/4),128,0))'";

  it.each([
    ['webm', 'video/webm', ['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuva420p', '-deadline', 'realtime']],
    ['mov', 'video/quicktime', ['-c:v', 'prores_ks', '-pix_fmt', 'yuva444p10le']],
    ['mov', 'video/quicktime', ['-c:v', 'png', '-pix_fmt', 'rgba']],
  ])('is seen on black: %s', async (ending, contentType, options) => {
    const source = join(await freshDirectory(), `red.${ending}`);
    await makeVideo({ file: source, seconds: 0.2, sound: false, filter: red, options });
    const directory = await freshDirectory();
    await renderClip(source, contentType, directory);
    const reds = [0.25, 0.63, 0.9].map(
      async (across) => (await colourAt(join(directory, 'poster.jpg'), across, 0.5))[0],
    );
    const [opaque = 0, half = 0, clear = 255] = await Promise.all(reds);
    expect(opaque).toBeGreaterThan(245);
    expect(Math.abs(half - 128)).toBeLessThan(8);
    expect(clear).toBeLessThan(8);
  });
});

describe('videos from the world', needs.corpus, () => {
  it.each([
    ['HDR10 though its container says SDR', 'hdr10_hevc_1080p.mp4', [0.95, 0.3], [255, 155, 35]],
    ['HLG', 'hlg10_hevc_1080p.mp4', [0.41, 0.59], [220, 35, 45]],
  ] as const)('of %s are as colourful as what was filmed', async (_what, file, [across, down], expected) => {
    const directory = await freshDirectory();
    await renderClip(join(CORPUS, 'video', file), 'video/mp4', directory);
    for (const rung of ['360p.mp4', '1080p.mp4']) {
      expect((await lookAt(directory, rung)).streams[0]).toMatchObject(sdr);
    }
    const colour = await colourAt(join(directory, 'poster.jpg'), across, down);
    expected.forEach((channel, index) => {
      expect(Math.abs((colour[index] ?? 0) - channel)).toBeLessThan(30);
    });
  });
});
