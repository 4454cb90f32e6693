/** What a file may ask for, on both sides of each limit. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAudio, makeVideo } from '../../fixtures/make.ts';
import { commandFor } from '../../services/transcoder/video/command.ts';
import { LIMITS } from '../../services/transcoder/video/limits.ts';
import { planFor } from '../../services/transcoder/video/plan.ts';
import { type RenderRun, render, TookTooLong } from '../../services/transcoder/video/render.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { FileFault } from '../../shared/errors.ts';
import { createLogger } from '../../shared/logger.ts';
import { runTool } from '../../shared/run-tool.ts';
import { needs } from '../support/needs.ts';
import { aim, pictureStream, probed } from '../support/probed.ts';
import { settings } from '../support/render-settings.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { inShort, lookAt, renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
const path = (name: string) => join(scratch.path, name);

beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** Why it is refused, also on its last try; nothing is left of either. */
async function refusalOf(file: string, contentType: string, limits = {}): Promise<string> {
  const reasons: string[] = [];
  for (const lenient of [false, true]) {
    await using directory = await temporaryDirectory();
    const rendering = renderClip(file, contentType, directory.path, { lenient }, limits);
    const error: unknown = await rendering.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FileFault);
    expect(await readdir(directory.path)).toEqual([]);
    if (error instanceof FileFault) reasons.push(error.message);
  }
  expect(new Set(reasons).size).toBe(1);
  return reasons[0] ?? '';
}

async function secondsOf(file: string, contentType: string, limits = {}): Promise<number> {
  await using directory = await temporaryDirectory();
  const { variants } = await renderClip(file, contentType, directory.path, {}, limits);
  return Number((await lookAt(directory.path, variants[0]?.file ?? '')).format.duration);
}

async function ffmpeg(...args: readonly string[]): Promise<void> {
  await runTool('ffmpeg', ['-hide_banner', '-v', 'error', '-y', ...args], { timeoutMs: 60_000 });
}

describe('the length', () => {
  const limits = { seconds: 2 };

  it.each([
    ['mp4', 'video/mp4'],
    ['mkv', 'video/matroska'],
    ['webm', 'video/webm'],
    ['ts', 'video/mp2t'],
    ['flv', 'video/x-flv'],
    ['avi', 'video/vnd.avi'],
  ])('in %s: longer is refused, not cut', async (ending, contentType) => {
    const long = await makeVideo({ file: path(`long.${ending}`), seconds: 3, fps: 10 });
    expect(await refusalOf(long, contentType, limits)).toMatch(/^The file is longer than 2 seconds/);
    const short = await makeVideo({ file: path(`short.${ending}`), seconds: 1, fps: 10 });
    expect(await secondsOf(short, contentType, limits)).toBeCloseTo(1, 0);
  });

  it('of sound alone: longer is refused, not cut', async () => {
    const long = await makeAudio({ file: path('long.mp3'), seconds: 3 });
    expect(await refusalOf(long, 'audio/mpeg', limits)).toMatch(/^The file is longer than 2 seconds/);
    expect(await secondsOf(await makeAudio({ file: path('short.mp3') }), 'audio/mpeg', limits)).toBeCloseTo(1, 0);
  });

  it.each([
    ['mkv', 'video/matroska', matroskaThatTells],
    ['flv', 'video/x-flv', flvThatTells],
  ])('in %s is told by the packets, whatever the header says', async (ending, contentType, telling) => {
    const long = await readFile(await makeVideo({ file: path(`long.${ending}`), seconds: 3, fps: 10 }));
    await writeFile(path('tells-one-second'), telling(long, 1));
    expect(await refusalOf(path('tells-one-second'), contentType, limits)).toMatch(/longer than 2 seconds/);
    const short = await readFile(await makeVideo({ file: path(`short.${ending}`), seconds: 1, fps: 10 }));
    await writeFile(path('tells-hours'), telling(short, 360_000));
    expect(await secondsOf(path('tells-hours'), contentType, limits)).toBeCloseTo(1, 0);
  });

  it('is told by the packets where few of them are far apart', async () => {
    const hours = ['-f', 'lavfi', '-i', 'color=black:size=64x64:rate=1/3600', '-t', String(15 * 3600)];
    await ffmpeg(...hours, '-c:v', 'libx264', path('hours.mp4'));
    expect(await refusalOf(path('hours.mp4'), 'video/mp4')).toMatch(/^The file is longer than 12 hours/);
  });
});

/** See Matroska's Segment Information: Duration is an 8-byte float, in milliseconds as ffmpeg scales it. */
function matroskaThatTells(file: Buffer, seconds: number): Buffer {
  const told = Buffer.from(file);
  told.writeDoubleBE(seconds * 1000, told.indexOf(Buffer.from([0x44, 0x89, 0x88])) + 3);
  return told;
}

/** onMetaData of FLV: the name, one byte of type, a double. */
function flvThatTells(file: Buffer, seconds: number): Buffer {
  const told = Buffer.from(file);
  told.writeDoubleBE(seconds, told.indexOf('duration') + 'duration'.length + 1);
  return told;
}

describe('the number of tracks', () => {
  async function withTracks(count: number, ending: string): Promise<string> {
    const sound = await makeAudio({ file: path('track.aac') });
    const file = path(`${count}-tracks.${ending}`);
    await ffmpeg('-i', sound, ...Array(count).fill(['-map', '0:a']).flat(), '-c', 'copy', '-t', '0.2', file);
    return file;
  }

  it.each([
    ['mkv', 'video/matroska'],
    ['mp4', 'video/mp4'],
    ['ts', 'video/mp2t'],
  ])('in %s: more than a hundred are refused', async (ending, contentType) => {
    expect(await refusalOf(await withTracks(101, ending), contentType)).toMatch(/more than 100 tracks/);
    await using directory = await temporaryDirectory();
    expect(inShort(await renderClip(await withTracks(100, ending), contentType, directory.path))).toEqual([
      'audio',
      'poster 1280x360',
    ]);
  });
});

describe('the size of the picture', () => {
  /** One frame, 8192 pixels wide. */
  async function frame(height: number): Promise<string> {
    const picture = ['-f', 'lavfi', '-i', `color=gray:size=8192x${height}:rate=1`, '-frames:v', '1'];
    await ffmpeg(...picture, '-c:v', 'libx264', '-preset', 'ultrafast', path(`${height}.mp4`));
    return path(`${height}.mp4`);
  }

  it('may be 36 million pixels and no more', async () => {
    await using directory = await temporaryDirectory();
    const { variants } = await renderClip(await frame(4392), 'video/mp4', directory.path);
    expect(variants.map(({ name }) => name)).toContain('1080p');
    expect(await refusalOf(await frame(4400), 'video/mp4')).toMatch(/larger than 8K/);
  });
});

describe('one render', () => {
  const plan = planFor(sourceOf(probed([pictureStream({ width: 320, height: 180 })])), aim);
  const log = createLogger('test', { logLevel: 'silent' });

  async function rendered(file: string, given: Partial<RenderRun>, demuxer = 'mov') {
    await using directory = await temporaryDirectory();
    const opening = { demuxers: [demuxer], sandbox: settings.sandbox };
    const run = { directory: directory.path, signal: new AbortController().signal, onProgress: () => {}, log };
    const limits = { durationSeconds: undefined, maxFileBytes: 1e6, timeoutMs: 60_000, stallMs: LIMITS.stallMs };
    return await render(commandFor(plan, { file, opening, threads: 1, lenient: false }), {
      ...run,
      ...limits,
      ...given,
    });
  }

  it('that makes more than is allowed is ended, and it is the fault of the file', async () => {
    const file = await makeVideo({ file: path('plain.mp4'), sound: false });
    await rendered(file, { maxFileBytes: 1e6 });
    const failure: unknown = await rendered(file, { maxFileBytes: 10_000 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FileFault);
    expect(failure).toMatchObject({ message: expect.stringMatching(/grows beyond all measure/), certain: true });
  });

  it.each([
    ['gets no further', { stallMs: 700, timeoutMs: 60_000 }, /without any progress/],
    ['takes too long', { stallMs: 60_000, timeoutMs: 700 }, /given up after/],
  ])('that %s is ended, and may be tried again', needs.linux, async (_what, given, words) => {
    // Nobody ever writes into it.
    await promisify(execFile)('mkfifo', [path(`fifo-${given.timeoutMs}`)]);
    const begun = performance.now();
    const failure: unknown = await rendered(path(`fifo-${given.timeoutMs}`), given).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TookTooLong);
    expect(failure).toMatchObject({ message: expect.stringMatching(words), certain: false });
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
