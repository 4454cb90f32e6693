import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AudioRecipe, makeAudio, makeVideo, type VideoRecipe } from '../../fixtures/make.ts';
import { runTool } from '../../shared/run-tool.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { inShort, keyframes, lookAt, renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
let made = 0;

beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** An empty directory for a source or for outputs. */
async function freshDirectory(): Promise<string> {
  made += 1;
  const directory = join(scratch.path, String(made));
  await mkdir(directory);
  return directory;
}

const clip = async (name: string, recipe: Omit<VideoRecipe, 'file'> = {}) =>
  makeVideo({ file: join(await freshDirectory(), name), ...recipe });
const sound = async (name: string, recipe: Omit<AudioRecipe, 'file'> = {}) =>
  makeAudio({ file: join(await freshDirectory(), name), ...recipe });

const ffmpeg = (...args: string[]) => runTool('ffmpeg', ['-v', 'error', '-y', ...args], { timeoutMs: 30_000 });

/** The colour at a place in an image, given in shares of its sides. */
async function colourAt(file: string, across: number, down: number): Promise<readonly number[]> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const offset = (Math.floor(info.height * down) * info.width + Math.floor(info.width * across)) * 3;
  return [...data.subarray(offset, offset + 3)];
}

describe('a lecture in 1080p', () => {
  let directory: string;
  let rendering: Awaited<ReturnType<typeof renderClip>>;
  const rungs = ['360p.mp4', '480p.mp4', '720p.mp4', '1080p.mp4'];

  beforeAll(async () => {
    const source = await clip('lecture.mp4', {
      width: 1920,
      height: 1080,
      seconds: 4.4,
      options: ['-metadata', 'title=At home\n[STREAM]', '-metadata', 'location=+48.2082+016.3738/'],
    });
    directory = await freshDirectory();
    rendering = await renderClip(source, 'video/mp4', directory);
  });

  it('becomes four rungs, playlists and pictures, and nothing else', async () => {
    expect(rendering.kind).toBe('video');
    expect(rendering.warning).toBeUndefined();
    expect(inShort(rendering)).toEqual([
      '360p 640x360',
      '480p 854x480',
      '720p 1280x720',
      '1080p 1920x1080',
      'poster 1280x720',
    ]);
    const pictures = ['poster.jpg', 'thumbnail.webp', 'storyboard.jpg', 'storyboard.vtt'];
    const playlists = ['360p.m3u8', '480p.m3u8', '720p.m3u8', '1080p.m3u8', 'master.m3u8'];
    expect((await readdir(directory)).sort()).toEqual([...rungs, ...playlists, ...pictures].sort());
    expect(rendering.variants.map(({ file }) => file).sort()).toEqual([...rungs, ...playlists, ...pictures].sort());
  });

  it('is what is said of it', async () => {
    for (const { file, bytes, durationSeconds, bitrate, ...variant } of rendering.variants.slice(0, 4)) {
      const { format, streams } = await lookAt(directory, file);
      expect(variant).toMatchObject({ contentType: 'video/mp4' });
      expect(streams.map((stream) => stream['codec_name'])).toEqual(['h264', 'aac']);
      expect(streams[0]).toMatchObject({ pix_fmt: 'yuv420p', profile: 'High', sample_aspect_ratio: '1:1' });
      expect(streams[1]).toMatchObject({ channels: 2, sample_rate: '48000' });
      expect(Math.abs((durationSeconds ?? 0) - 4.4)).toBeLessThan(0.1);
      expect(Math.abs((durationSeconds ?? 0) - Number(format.duration))).toBeLessThan(0.03);
      expect(bitrate).toBe(Math.round((bytes * 8) / (durationSeconds ?? 0)));
    }
  });

  it('has its pictures, as they are said to be', async () => {
    const pictures = rendering.variants.filter(({ name }) => ['poster', 'thumbnail', 'storyboard'].includes(name));
    const about = pictures.map(({ file, contentType, width, height }) => ({ file, contentType, width, height }));
    expect(about).toEqual([
      { file: 'poster.jpg', contentType: 'image/jpeg', width: 1280, height: 720 },
      { file: 'thumbnail.webp', contentType: 'image/webp', width: 150, height: 150 },
      { file: 'storyboard.jpg', contentType: 'image/jpeg', width: 480, height: 90 },
      { file: 'storyboard.vtt', contentType: 'text/vtt', width: undefined, height: undefined },
    ]);
    for (const { file, bytes, width, height } of pictures) {
      const content = await readFile(join(directory, file));
      expect(content.length).toBe(bytes);
      if (width !== undefined) expect(await sharp(content).metadata()).toMatchObject({ width, height });
    }
    expect(rendering.placeholder).toMatch(/^[\w+/]{20,}=*$/);
  });

  it('has its keyframes at the same times on all rungs, every four seconds', async () => {
    for (const file of rungs) expect(await keyframes(directory, file)).toEqual([0, 4]);
  });

  it('is tagged with one colour on all rungs', async () => {
    const bt709 = { color_range: 'tv', color_space: 'bt709', color_primaries: 'bt709', color_transfer: 'bt709' };
    for (const file of rungs) expect((await lookAt(directory, file)).streams[0]).toMatchObject(bt709);
  });

  it('tells nothing of where it was made, and has its index first', async () => {
    for (const file of rungs) {
      expect(JSON.stringify(await lookAt(directory, file))).not.toMatch(/At home|48\.2082/);
      await using output = await open(join(directory, file));
      const { buffer } = await output.read(Buffer.alloc(4096), 0, 4096, 0);
      expect(buffer.indexOf('moov')).toBeGreaterThan(0);
    }
  });
});

describe('a clip', () => {
  it.each<[string, Omit<VideoRecipe, 'file'>, string[]]>([
    ['in 480p', { width: 854, height: 480 }, ['360p 640x360', '480p 854x480', 'poster 854x480']],
    ['smaller than all rungs', { width: 320, height: 240 }, ['240p 320x240', 'poster 320x240']],
    [
      'with wide pixels',
      { width: 480, height: 480, filter: 'setsar=4/3' },
      ['360p 480x360', '480p 640x480', 'poster 640x480'],
    ],
    ['of one frame', { seconds: 0.04, sound: false }, ['180p 320x180', 'poster 320x180']],
    ['two pixels wide', { width: 2, height: 400, sound: false }, ['225p 2x400', 'poster 2x400']],
    ['of 120 frames a second', { fps: 120 }, ['180p 320x180', 'poster 320x180']],
  ])('%s', async (_what, recipe, expected) => {
    const directory = await freshDirectory();
    const rendering = await renderClip(await clip('clip.mp4', recipe), 'video/mp4', directory);
    expect(inShort(rendering)).toEqual(expected);
    const { streams } = await lookAt(directory, rendering.variants[0]?.file ?? '');
    expect(streams.some((stream) => stream['codec_type'] === 'audio')).toBe(recipe.sound ?? true);
  });

  it('of a phone held upright comes out upright', async () => {
    // Red in the corner that is at the top left of the sensor, and at the top right of what was filmed.
    const source = await clip('phone.mp4', {
      width: 640,
      height: 360,
      rotation: 90,
      filter: 'drawbox=w=iw/4:h=ih/4:color=red:thickness=fill',
    });
    const directory = await freshDirectory();
    expect(inShort(await renderClip(source, 'video/mp4', directory))).toEqual(['360p 360x640', 'poster 360x640']);
    const [red = 0, green = 255, blue = 255] = await colourAt(join(directory, 'poster.jpg'), 0.95, 0.05);
    expect(red).toBeGreaterThan(200);
    expect(Math.max(green, blue)).toBeLessThan(60);
    expect((await lookAt(directory, '360p.mp4')).streams[0]).not.toHaveProperty('side_data_list');
  });
});

describe('sound alone', () => {
  it('becomes one AAC file, and its waveform', async () => {
    const directory = await freshDirectory();
    const rendering = await renderClip(await sound('talk.m4a'), 'audio/mp4', directory);
    expect(rendering.kind).toBe('audio');
    expect(rendering.variants).toMatchObject([
      { name: 'audio', contentType: 'audio/mp4' },
      { name: 'poster', contentType: 'image/jpeg' },
      { name: 'thumbnail', contentType: 'image/webp' },
    ]);
    expect((await readdir(directory)).sort()).toEqual(['audio.m4a', 'poster.jpg', 'thumbnail.webp']);
    expect(rendering.placeholder).toBeDefined();
    const { format, streams } = await lookAt(directory, 'audio.m4a');
    expect(streams).toMatchObject([{ codec_name: 'aac', channels: 2 }]);
    expect(Math.abs(Number(format.duration) - 1)).toBeLessThan(0.1);
  });

  it('is no video because it has a cover', async () => {
    const tune = await sound('tune.mp3');
    const covered = join(await freshDirectory(), 'covered.mp3');
    const cover = ['-f', 'lavfi', '-i', 'color=red:size=64x64:duration=0.04'];
    await ffmpeg(
      '-i',
      tune,
      ...cover,
      '-map',
      '0',
      '-map',
      '1',
      '-c:a',
      'copy',
      '-disposition:v',
      'attached_pic',
      covered,
    );
    expect(inShort(await renderClip(covered, 'audio/mpeg', await freshDirectory()))).toEqual([
      'audio',
      'poster 1280x360',
    ]);
  });
});

describe('every container', () => {
  it.each([
    ['clip.mp4', 'video/mp4'],
    ['clip.mov', 'video/quicktime'],
    ['clip.m4v', 'video/x-m4v'],
    ['clip.3gp', 'video/3gpp'],
    ['clip.mkv', 'video/matroska'],
    ['clip.webm', 'video/webm'],
    ['clip.avi', 'video/vnd.avi'],
    ['clip.ts', 'video/mp2t'],
    ['clip.mpg', 'video/mpeg'],
    ['clip.flv', 'video/x-flv'],
    ['clip.ogv', 'video/ogg'],
  ])('of video is taken: %s', async (name, contentType) => {
    const rendering = await renderClip(await clip(name, { seconds: 0.6 }), contentType, await freshDirectory());
    expect(inShort(rendering)).toEqual(['180p 320x180', 'poster 320x180']);
    expect(Math.abs((rendering.variants[0]?.durationSeconds ?? 0) - 0.6)).toBeLessThan(0.15);
  });

  it.each([
    ['talk.mp3', 'audio/mpeg'],
    ['talk.aac', 'audio/aac'],
    ['talk.wav', 'audio/wav'],
    ['talk.flac', 'audio/flac'],
    ['talk.ogg', 'audio/ogg'],
    ['talk.opus', 'audio/ogg; codecs=opus'],
  ])('of sound is taken: %s', async (name, contentType) => {
    const rendering = await renderClip(await sound(name), contentType, await freshDirectory());
    expect(inShort(rendering)).toEqual(['audio', 'poster 1280x360']);
    expect(Math.abs((rendering.variants[0]?.durationSeconds ?? 0) - 1)).toBeLessThan(0.15);
  });

  it('of video without a word about its length is measured, so that it has progress', async () => {
    const whole = await clip('whole.webm', { seconds: 2, fps: 10 });
    const streamed = join(await freshDirectory(), 'streamed.webm');
    await ffmpeg('-i', whole, '-c', 'copy', '-f', 'webm', '-live', '1', streamed);
    const seen: number[] = [];
    const onProgress = ({ percent }: { percent: number }) => seen.push(percent);
    await renderClip(streamed, 'video/webm', await freshDirectory(), { onProgress });
    expect(Math.max(...seen)).toBeGreaterThan(90);
  });
});
