/** Picture and sound stay together, and keep their pace, whatever the clock of the file does. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileFault } from '../../shared/errors.ts';
import { runTool } from '../../shared/run-tool.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { keyframes, lookAt, renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
const path = (name: string) => join(scratch.path, name);

const run = (...args: readonly string[]) =>
  runTool('ffmpeg', ['-hide_banner', '-v', 'error', '-y', ...args], { timeoutMs: 60_000 });

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '12', '-bf', '2'];

beforeAll(async () => {
  scratch = await temporaryDirectory();
  // Five seconds: from each half second on, the picture is white and the sound is a beep for 80 ms.
  const flash = "drawbox=color=white:t=fill:enable='between(mod(t,1),0.5,0.579)'";
  const beep = '0.5*sin(2*PI*1000*t)*between(mod(t,1),0.5,0.58)';
  const inputs = [`color=black:size=320x180:rate=50:duration=5,${flash}`, `aevalsrc=exprs='${beep}':duration=5`];
  await run(
    ...inputs.flatMap((input) => ['-f', 'lavfi', '-i', input]),
    ...x264,
    '-c:a',
    'pcm_s16le',
    path('flash.mkv'),
  );
  await run('-i', path('flash.mkv'), '-c:v', 'copy', '-c:a', 'libmp3lame', path('mp3.mkv'));
});
afterAll(() => scratch[Symbol.asyncDispose]());

async function rendered(file: string, contentType: string): Promise<string> {
  const directory = path(`${file}-rendered`);
  await mkdir(directory);
  await renderClip(path(file), contentType, directory);
  return directory;
}

/** When it turns white, in seconds. */
async function flashes(file: string): Promise<number[]> {
  const looks = ['signalstats', 'metadata=print:key=lavfi.signalstats.YAVG:file=-'].join();
  const lines = await run(
    '-copyts',
    '-i',
    file,
    '-map',
    '0:v',
    '-vf',
    looks,
    '-fps_mode',
    'passthrough',
    '-f',
    'null',
    '-',
  );
  const frames = [...lines.matchAll(/pts_time:([\d.]+)\n.*YAVG=([\d.]+)/g)].map(([, time, luma]) => ({
    time: Number(time),
    isWhite: Number(luma) > 120,
  }));
  return frames.filter(({ isWhite }, index) => isWhite && !frames[index - 1]?.isWhite).map(({ time }) => time);
}

/** When it begins to beep, in seconds. */
async function beeps(file: string): Promise<number[]> {
  const silences = 'silencedetect=noise=-20dB:duration=0.2,ametadata=print:key=lavfi.silence_end:file=-';
  const lines = await run('-copyts', '-i', file, '-map', '0:a', '-af', silences, '-f', 'null', '-');
  return [...lines.matchAll(/silence_end=([\d.]+)/g)].map(([, time]) => Number(time));
}

describe('flashes and beeps', () => {
  const late = [
    '-filter_complex',
    '[0:a]atrim=start=1.3[a]',
    '-map',
    '0:v',
    '-map',
    '[a]',
    '-c:v',
    'copy',
    '-c:a',
    'aac',
  ];
  const lateFlash = ['-filter_complex', '[0:v]trim=start=1.3[v]', '-map', '[v]', '-map', '0:a', ...x264, '-c:a', 'aac'];
  const hole = ['-c', 'copy', '-bsf:a', "noise=drop='between(pts*tb,2.2,3.2)'"];
  const bursts = [
    '-vf',
    "select='lt(mod(n,25),4)+between(mod(t,1),0.45,0.6)'",
    '-fps_mode',
    'vfr',
    ...x264,
    '-c:a',
    'aac',
  ];

  it.each<[string, string, string, readonly string[], number]>([
    ['as they are', 'plain.mp4', 'video/mp4', ['-c:v', 'copy', '-c:a', 'aac'], 5],
    ['whose sound begins late', 'late.mp4', 'video/mp4', late, 4],
    ['whose sound begins late', 'late.mkv', 'video/matroska', late, 4],
    ['whose sound begins late', 'late.ts', 'video/mp2t', late, 4],
    ['whose picture begins late', 'dark.mkv', 'video/matroska', lateFlash, 4],
    ['whose picture begins late', 'dark.mp4', 'video/mp4', lateFlash, 4],
    ['with a hole in the sound', 'hole.mkv', 'video/matroska', hole, 4],
    ['at the rate of a screen recording', 'bursts.mp4', 'video/mp4', bursts, 5],
    ['that begin at an hour', 'hour.ts', 'video/mp2t', ['-c:v', 'copy', '-c:a', 'aac', '-output_ts_offset', '3600'], 5],
    [
      'whose clock wraps around',
      'wrap.ts',
      'video/mp2t',
      ['-c:v', 'copy', '-c:a', 'aac', '-output_ts_offset', '95441'],
      5,
    ],
  ])('%s fall together: %s', async (_what, name, contentType, options, together) => {
    await run('-i', path(name === 'hole.mkv' ? 'mp3.mkv' : 'flash.mkv'), ...options, path(name));
    const directory = await rendered(name, contentType);
    const file = join(directory, '180p.mp4');
    const { streams } = await lookAt(directory, '180p.mp4');
    for (const { start_time } of streams) expect(Math.abs(Number(start_time))).toBeLessThan(0.025);
    const [seen, heard] = [await flashes(file), await beeps(file)];
    const pairs = seen.filter((flash) => heard.some((beep) => Math.abs(flash - beep) < 0.045));
    expect(pairs).toHaveLength(together);
  });
});

describe('a clock that jumps', () => {
  const jump = "setts=ts='TS+if(gte(TS*TB,2.5),18000/TB,0)'";
  const jumping = ['-c:v', 'copy', '-c:a', 'aac', '-bsf:v', jump, '-bsf:a', jump];

  it('is closed up where the format is one of broadcasts', async () => {
    await run('-i', path('flash.mkv'), ...jumping, path('jump.ts'));
    const { format } = await lookAt(await rendered('jump.ts', 'video/mp2t'), '180p.mp4');
    expect(Math.abs(Number(format.duration) - 5)).toBeLessThan(0.3);
  });

  it('by hours is refused elsewhere, rather than rendered as a picture that stands for hours', async () => {
    await run('-i', path('flash.mkv'), ...jumping, path('jump.mp4'));
    const error: unknown = await rendered('jump.mp4', 'video/mp4').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FileFault);
    expect(error).toMatchObject({ message: expect.stringMatching(/hole of 5\.0 hours/) });
  });

  it('between picture and sound is refused', async () => {
    const apart = [
      '-i',
      path('flash.mkv'),
      '-itsoffset',
      '18000',
      '-i',
      path('flash.mkv'),
      '-map',
      '0:v',
      '-map',
      '1:a',
    ];
    await run(...apart, '-c', 'copy', path('apart.mkv'));
    await expect(rendered('apart.mkv', 'video/matroska')).rejects.toThrow(/begin 5\.0 hours apart/);
  });
});

it('a picture that ends before its sound stands until that has ended, in every segment', async () => {
  await using directory = await temporaryDirectory();
  const inputs = ['testsrc2=size=320x180:rate=25:duration=0.04', 'sine=duration=5'];
  const source = path('podcast.mp4');
  await run(...inputs.flatMap((input) => ['-f', 'lavfi', '-i', input]), ...x264, source);
  const { variants } = await renderClip(source, 'video/mp4', directory.path);
  expect(variants[0]?.durationSeconds).toBeCloseTo(5, 1);
  expect(await keyframes(directory.path, '180p.mp4')).toEqual([0, 4]);
});

describe('a track of sound', () => {
  const still = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=14'];

  it('that begins beyond all that a probe reads is heard when it should be', async () => {
    await using directory = await temporaryDirectory();
    const tone = ['-itsoffset', '12', '-f', 'lavfi', '-i', 'sine=duration=2'];
    const source = path('late.mkv');
    await run(...still, ...tone, ...x264, source);
    const { variants } = await renderClip(source, 'video/matroska', directory.path);
    expect(variants[0]?.durationSeconds).toBeCloseTo(14, 1);
    const levels = ['-af', 'asetnsamples=n=24000,astats=metadata=1:reset=1,ametadata=mode=print:file=-'];
    const told = await run('-i', join(directory.path, '180p.mp4'), ...levels, '-f', 'null', '-');
    const loud = [...told.matchAll(/pts_time:([\d.]+)\n(?:.*\n)*?lavfi.astats.Overall.RMS_level=(-?[\d.]+|-inf)/g)]
      .filter(([, , level]) => Number(level) > -40)
      .map(([, time]) => Number(time));
    expect(loud[0]).toBeGreaterThan(11.4);
    expect(loud[0]).toBeLessThan(12.1);
  });

  it('in which there is nothing is left out', async () => {
    await using directory = await temporaryDirectory();
    const silent = ['-f', 'lavfi', '-i', 'anullsrc=duration=0.1', '-bsf:a', 'noise=drop=1'];
    const source = path('empty.mkv');
    await run(...still, ...silent, '-t', '2', ...x264, source);
    const { warning } = await renderClip(source, 'video/matroska', directory.path);
    expect(warning).toBe('There is no sound: its track is empty.');
    const { streams } = await lookAt(directory.path, '180p.mp4');
    expect(streams.map((stream) => stream['codec_type'])).toEqual(['video']);
  });

  it('of a lone microphone is as loud in both ears as it was', async () => {
    await using directory = await temporaryDirectory();
    const source = path('mono.m4a');
    await run('-f', 'lavfi', '-i', 'sine=duration=2', '-ac', '1', source);
    await renderClip(source, 'audio/mp4', directory.path);
    const meanOf = async (file: string) => {
      const stats = ['-af', 'astats=metadata=1,ametadata=mode=print:file=-', '-f', 'null', '-'];
      return Number(
        (await run('-i', file, ...stats))
          .match(/.*Overall\.RMS_level=(-[\d.]+)/g)
          ?.at(-1)
          ?.split('=')[1],
      );
    };
    expect(await meanOf(join(directory.path, 'audio.m4a'))).toBeCloseTo(await meanOf(source), 0);
  });
});

it('a picture that changes its size after minutes is not repeated from the beginning', async () => {
  await using directory = await temporaryDirectory();
  const sizes = ['320x180', '160x90'].map((size, place) => ({ size, file: path(`part-${place}.ts`) }));
  for (const { size, file } of sizes) {
    await run('-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=20`, ...x264, file);
  }
  const source = path('sizes.ts');
  await run('-i', `concat:${sizes.map(({ file }) => file).join('|')}`, '-c', 'copy', source);
  const { variants } = await renderClip(source, 'video/mp2t', directory.path);
  expect(variants[0]?.durationSeconds).toBeCloseTo(40, 0);
});
