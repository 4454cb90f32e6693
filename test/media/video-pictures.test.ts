/** Poster, thumbnail, storyboard and waveform, made of files as a render leaves them. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ladder } from '../../services/transcoder/ladder.ts';
import type { RenderedVariant } from '../../services/transcoder/rendering.ts';
import { makePictures } from '../../services/transcoder/video/pictures/make-pictures.ts';
import { runTool } from '../../shared/run-tool.ts';
import { settings } from '../support/render-settings.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { lookAt } from '../support/video.ts';

const ffmpeg = (directory: TemporaryDirectory, ...args: string[]) =>
  runTool('ffmpeg', ['-v', 'error', '-y', ...args], { timeoutMs: 60_000, directory: directory.path });

/** A rung with its keyframes as far apart as in ours, in fragments of that length. */
async function rung(
  directory: TemporaryDirectory,
  source: string,
  { fps, options = [] }: { readonly fps: number; readonly options?: readonly string[] },
): Promise<RenderedVariant> {
  const gop = String(Math.round(ladder.gopSeconds * fps));
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-bf',
    '5',
    '-pix_fmt',
    'yuv420p',
    '-g',
    gop,
    '-keyint_min',
    gop,
  ];
  const fragments = ['-movflags', '+frag_keyframe+default_base_moof+delay_moov+global_sidx'];
  await ffmpeg(
    directory,
    ...['-f', 'lavfi', '-i', source, ...options],
    ...[...h264, '-sc_threshold', '0', ...fragments, 'rung.mp4'],
  );
  return variant(directory, 'rung.mp4', 'video/mp4');
}

async function variant(directory: TemporaryDirectory, file: string, contentType: string): Promise<RenderedVariant> {
  const { format, streams } = await lookAt(directory.path, file);
  const { width, height } = streams[0] ?? {};
  return {
    name: 'rendered',
    file,
    contentType,
    bytes: 0,
    durationSeconds: Number(format.duration),
    ...(typeof width === 'number' && typeof height === 'number' && { width, height }),
  };
}

async function picturesOf(directory: TemporaryDirectory, ...rendered: RenderedVariant[]): Promise<string[]> {
  const signal = new AbortController().signal;
  const { variants, warning } = await makePictures(rendered, {
    directory: directory.path,
    lenient: false,
    sandbox: settings.sandbox,
    signal,
  });
  expect(warning).toBeUndefined();
  return variants.map(({ file, width, height }) => (width === undefined ? file : `${file} ${width}x${height}`));
}

/** The mean colour of a part of a picture. */
async function colourOf(
  directory: TemporaryDirectory,
  file: string,
  part: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Promise<readonly [number, number, number]> {
  const cut = await sharp(join(directory.path, file)).extract(part).toBuffer();
  const [red, green, blue] = (await sharp(cut).stats()).channels.map(({ mean }) => mean);
  return [red ?? 0, green ?? 0, blue ?? 0];
}

const corner = { left: 8, top: 8, width: 16, height: 16 };

/** `red`, `green` or `blue`. */
async function markOf(directory: TemporaryDirectory): Promise<string | undefined> {
  const colour = await colourOf(directory, 'poster.jpg', corner);
  return ['red', 'green', 'blue'][colour.indexOf(Math.max(...colour))];
}

interface Cue {
  readonly from: number;
  readonly to: number;
  readonly part: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

async function cuesIn(directory: TemporaryDirectory): Promise<Cue[]> {
  const text = await readFile(join(directory.path, 'storyboard.vtt'), 'utf8');
  expect(text.startsWith('WEBVTT\n\n')).toBe(true);
  const cue = /^(\d+):(\d+):([\d.]+) --> (\d+):(\d+):([\d.]+)\nstoryboard\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;
  return [...text.matchAll(cue)].map((found) => {
    const [h1 = 0, m1 = 0, s1 = 0, h2 = 0, m2 = 0, s2 = 0, left = 0, top = 0, width = 0, height = 0] = found
      .slice(1)
      .map(Number);
    return {
      from: h1 * 3600 + m1 * 60 + s1,
      to: h2 * 3600 + m2 * 60 + s2,
      part: { left, top, width, height },
    };
  });
}

/** A mark in the corner that says which part of the video it is. */
const mark = (colour: string, from: number, to: number) =>
  `drawbox=x=0:y=0:w=32:h=32:color=${colour}:thickness=fill:enable='between(t,${from},${to})'`;

/** Black, a fade, a part out of focus, a part that is fine (marked green), and a fade to black. */
function film(seconds: number): string {
  const at = (share: number) => share * seconds;
  return [
    `testsrc2=size=640x360:rate=10:duration=${seconds}`,
    mark('blue', 0, seconds),
    `gblur=sigma=10:enable='between(t,${at(0.3)},${at(0.55)})'`,
    mark('green', at(0.6), at(0.8)),
    `fade=in:st=${at(0.1)}:d=${at(0.25)}`,
    `fade=out:st=${at(0.8)}:d=${at(0.15)}`,
  ].join(',');
}

/** Lines of something like words. */
const words = (height: number, from: number, to: number) =>
  `drawgrid=x=40:y=60:w=28:h=24:color=black:thickness=8:enable='between(t,${from},${to})',` +
  [`y=0:h=60`, `y=${60 + height}:h=ih`]
    .map((outside) => `drawbox=x=0:${outside}:w=iw:color=white:thickness=fill:enable='between(t,${from},${to})'`)
    .join(',');

/** An empty slide, one with a line, a full one (marked green), an empty one again. */
const slides = [
  'color=white:size=640x360:rate=5:duration=40',
  words(12, 10, 20),
  words(260, 20, 30),
  mark('green', 20, 29.9),
  mark('red', 0, 19.9),
  mark('red', 30, 40),
].join(',');

/** As bright as it is late. */
const dawn = (size: string, fps: number, seconds: number) =>
  `color=gray:size=${size}:rate=${fps}:duration=${seconds},format=yuv420p,geq=lum='16+219*T/${seconds}':cb=128:cr=128`;

describe('a poster', () => {
  it.each([
    ['of a long film', film(60), 10],
    ['of a short film', film(6), 10],
    ['of slides', slides, 5],
  ])('%s is neither black, nor faded, nor blurred, nor empty', async (_what, source, fps) => {
    await using directory = await temporaryDirectory();
    const made = await picturesOf(directory, await rung(directory, source, { fps }));
    expect(made[0]).toBe('poster.jpg 640x360');
    expect(await markOf(directory)).toBe('green');
  });

  it('is found in a video that begins after its sound', async () => {
    await using directory = await temporaryDirectory();
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=68'];
    const late = [
      '-filter_complex',
      '[0]setpts=PTS+8/TB[v]',
      '-fps_mode',
      'passthrough',
      '-map',
      '[v]',
      '-map',
      '1:a',
      '-c:a',
      'aac',
    ];
    await picturesOf(directory, await rung(directory, film(60), { fps: 10, options: [...sound, ...late] }));
    expect(await markOf(directory)).toBe('green');
    const [first, second] = await cuesIn(directory);
    expect(first?.from).toBe(0);
    expect(second?.from).toBeCloseTo(12, 1);
  });

  it('has the colours of the video, and so have its tiles', async () => {
    await using directory = await temporaryDirectory();
    const blue = 'color=0x2060c0:size=1280x720:rate=5:duration=1,format=rgb24';
    const bt709 = ['-vf', 'scale=out_color_matrix=bt709,format=yuv420p,setparams=colorspace=bt709'];
    await picturesOf(directory, await rung(directory, blue, { fps: 5, options: bt709 }));
    for (const file of ['poster.jpg', 'storyboard.jpg', 'thumbnail.webp']) {
      const colour = await colourOf(directory, file, corner);
      [0x20, 0x60, 0xc0].forEach((channel, index) => {
        expect(Math.abs((colour[index] ?? 0) - channel)).toBeLessThan(6);
      });
    }
  });

  it('is taken from the largest rung that is not larger than 1280', async () => {
    await using directory = await temporaryDirectory();
    const small = await rung(directory, 'testsrc2=size=640x360:rate=5:duration=1', { fps: 5 });
    const larger = ['1280x720', '1920x1080'].map(async (size) => {
      const [width, height] = size.split('x').map(Number);
      await ffmpeg(directory, '-i', 'rung.mp4', '-vf', `scale=${width}:${height}`, `${size}.mp4`);
      return variant(directory, `${size}.mp4`, 'video/mp4');
    });
    const made = await picturesOf(directory, small, ...(await Promise.all(larger)));
    expect(made).toEqual(['poster.jpg 1280x720', 'thumbnail.webp 150x150', 'storyboard.jpg 160x90', 'storyboard.vtt']);
  });
});

describe('a storyboard', () => {
  it('shows what a player shows at the time of each cue, in two hours as well', async () => {
    await using directory = await temporaryDirectory();
    await picturesOf(directory, await rung(directory, dawn('64x36', 1, 7200), { fps: 1 }));
    const cues = await cuesIn(directory);
    expect(cues).toHaveLength(100);
    for (const [index, { from, to, part }] of cues.entries()) {
      expect(Math.abs(from - index * 72)).toBeLessThanOrEqual(2);
      expect(to).toBe(cues[index + 1]?.from ?? 7200);
      const [light] = await colourOf(directory, 'storyboard.jpg', part);
      expect(Math.abs(light - (from / 7200) * 255)).toBeLessThan(2.5);
    }
  });

  it('of a minute has a tile for each keyframe, at its time', async () => {
    await using directory = await temporaryDirectory();
    await picturesOf(directory, await rung(directory, dawn('64x36', 25, 61), { fps: 25 }));
    const cues = await cuesIn(directory);
    expect(cues.map(({ from }) => from)).toEqual(Array.from({ length: 16 }, (_none, index) => index * 4));
  });

  it('of a short video has a tile every two seconds', async () => {
    await using directory = await temporaryDirectory();
    const made = await picturesOf(directory, await rung(directory, dawn('320x180', 25, 7), { fps: 25 }));
    expect(made).toContain('storyboard.jpg 640x90');
    const cues = await cuesIn(directory);
    expect(cues.map(({ from }) => Math.round(from * 10) / 10)).toEqual([0, 2, 4, 6]);
    expect(cues.at(-1)?.to).toBe(7);
    for (const { from, part } of cues) {
      const [light] = await colourOf(directory, 'storyboard.jpg', part);
      expect(Math.abs(light - (from / 7) * 255)).toBeLessThan(4);
    }
  });

  it.each([
    ['an upright video', '360x640', 'storyboard.jpg 180x160'],
    ['a narrow one', '2x400', 'storyboard.jpg 4x160'],
    ['a tiny one', '32x16', 'storyboard.jpg 64x16'],
  ])('has the shape of %s', async (_what, size, expected) => {
    await using directory = await temporaryDirectory();
    const source = `testsrc2=size=${size}:rate=5:duration=4`;
    expect(await picturesOf(directory, await rung(directory, source, { fps: 5 }))).toContain(expected);
  });

  it('leaves nothing behind but what it is', async () => {
    await using directory = await temporaryDirectory();
    await picturesOf(directory, await rung(directory, dawn('64x36', 1, 60), { fps: 1 }));
    const outputs = ['poster.jpg', 'rung.mp4', 'storyboard.jpg', 'storyboard.vtt', 'thumbnail.webp'];
    expect((await readdir(directory.path)).sort()).toEqual(outputs);
  });
});

describe('a waveform', () => {
  const parts = ['silence', 'tone'];

  /** Twenty seconds of silence, then twenty of a tone, each so many times over. */
  async function recording(directory: TemporaryDirectory, times: number): Promise<RenderedVariant> {
    const sources = ['anullsrc=r=48000:cl=stereo', 'sine=r=48000,volume=6'];
    for (const [index, source] of sources.entries()) {
      const input = ['-f', 'lavfi', '-i', source, '-t', '20'];
      await ffmpeg(directory, ...input, '-ac', '2', '-c:a', 'aac', `${parts[index]}.m4a`);
    }
    const list = parts.flatMap((part) => Array.from({ length: times }, () => `file '${part}.m4a'`));
    await writeFile(join(directory.path, 'list'), list.join('\n'));
    await ffmpeg(directory, '-f', 'concat', '-i', 'list', '-c', 'copy', 'audio.m4a');
    return variant(directory, 'audio.m4a', 'audio/mp4');
  }

  it.each([1, 18])('shows where there is silence and where there is sound, %s × 40 seconds', async (times) => {
    await using directory = await temporaryDirectory();
    const made = await picturesOf(directory, await recording(directory, times));
    expect(made).toEqual(['poster.jpg 1280x360', 'thumbnail.webp 150x150']);
    const above = { top: 60, height: 60, width: 600 };
    const [, silence] = await colourOf(directory, 'poster.jpg', { ...above, left: 8 });
    const [, sound] = await colourOf(directory, 'poster.jpg', { ...above, left: 664 });
    expect(sound).toBeGreaterThan(silence + 50);
    const [, begin] = await colourOf(directory, 'poster.jpg', { ...above, left: 8, width: 60 });
    expect(Math.abs(begin - silence)).toBeLessThan(2);
  });

  it('of a moment is drawn', async () => {
    await using directory = await temporaryDirectory();
    await ffmpeg(directory, '-f', 'lavfi', '-i', 'sine', '-t', '0.02', '-ac', '2', '-ar', '48000', 'audio.m4a');
    const made = await picturesOf(directory, await variant(directory, 'audio.m4a', 'audio/mp4'));
    expect(made[0]).toBe('poster.jpg 1280x360');
  });
});

it('where there is nothing to see or hear there are no pictures', async () => {
  await using directory = await temporaryDirectory();
  expect(await picturesOf(directory)).toEqual([]);
});
