/** The last try of a damaged video: what can be decoded of it, in the rungs that can be made, with a warning; or the reason why not. */
import { chmod, copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeAudio, makeVideo } from '../../fixtures/make.ts';
import { findSandbox } from '../../services/transcoder/find-sandbox.ts';
import type { Assignment, Rendering } from '../../services/transcoder/rendering.ts';
import { FileFault } from '../../shared/errors.ts';
import { createLogger } from '../../shared/logger.ts';
import { runTool, ToolFailed } from '../../shared/run-tool.ts';
import { CORPUS, needs } from '../support/needs.ts';
import { needsBwrap, settings } from '../support/render-settings.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { inShort, lookAt, renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
const path = (name: string) => join(scratch.path, name);

beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

type Given = Partial<Assignment>;

const rescue = (file: string, contentType: string, directory: TemporaryDirectory, given: Given = {}) =>
  renderClip(file, contentType, directory.path, { ...given, lenient: true });

async function refusalOf(file: string, contentType: string, given: Given = {}): Promise<string> {
  await using directory = await temporaryDirectory();
  const error: unknown = await rescue(file, contentType, directory, given).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FileFault);
  return error instanceof FileFault ? error.message : expect.unreachable();
}

/** Changes a copy of the file. */
async function damaged(file: string, name: string, damage: (whole: Buffer) => Buffer): Promise<string> {
  await writeFile(path(name), damage(await readFile(file)));
  return path(name);
}

const firstPart =
  (share = 0.6) =>
  (whole: Buffer) =>
    whole.subarray(0, Math.floor(whole.length * share));

const withHole = (from: number, to: number) => (whole: Buffer) =>
  whole.fill(0, Math.floor(whole.length * from), Math.floor(whole.length * to));

/** Fills what the boxes of an MP4 say is media. */
const withMedia = (byte: number) => (whole: Buffer) => whole.fill(byte, whole.indexOf('mdat') + 4);

async function ffmpeg(...args: readonly string[]): Promise<void> {
  await runTool('ffmpeg', ['-hide_banner', '-v', 'error', '-y', ...args], { timeoutMs: 60_000 });
}

/** A copy in which no packet of the picture (`v`) or of the sound (`a`) is what it was. */
async function withNoise(file: string, name: string, track: 'v' | 'a'): Promise<string> {
  const question = ['-select_streams', track, '-show_entries', 'packet=pos,size', '-of', 'csv=p=0'];
  const packets = await runTool('ffprobe', ['-v', 'error', ...question, file], { timeoutMs: 10_000 });
  return damaged(file, name, (whole) => {
    for (const [, size, position] of packets.matchAll(/^(\d+),(\d+)/gm)) {
      whole.fill(0xff, Number(position), Number(position) + Number(size));
    }
    return whole;
  });
}

/** Each rung's length, as a player sees it. */
async function lengths(directory: TemporaryDirectory, { variants }: Rendering): Promise<number[]> {
  const rungs = variants.filter(({ contentType }) => contentType === 'video/mp4');
  const looks = await Promise.all(rungs.map(({ file }) => lookAt(directory.path, file)));
  return looks.map(({ format }) => Number(format.duration));
}

const kinds = async (directory: TemporaryDirectory, file: string) =>
  (await lookAt(directory.path, file)).streams.map((stream) => stream['codec_type']);

/** Renders with an ffmpeg that fails with these words where the name of an output is among the given. */
async function failingAt(directory: TemporaryDirectory, words: string, ...files: readonly string[]): Promise<Given> {
  const real = process.env['PATH'] ?? '';
  const cases = files.map((file) => `*"${file} "*) echo '${words}' >&2; exit 1 ;;`);
  const script = `#!/bin/sh\ncase "$* " in ${cases.join(' ')} esac\nPATH='${real}' exec ffmpeg "$@"\n`;
  await writeFile(join(directory.path, 'ffmpeg'), script);
  await chmod(join(directory.path, 'ffmpeg'), 0o755);
  vi.stubEnv('PATH', directory.path + delimiter + real);
  const sandbox = await findSandbox('auto', createLogger('test', { logLevel: 'silent' }));
  return { settings: { ...settings, sandbox } };
}

/** How a rescue ends on a small disk that is full when the output is to be written. */
async function endWithoutRoom(file: string, contentType: string, output: string): Promise<string> {
  await using bin = await temporaryDirectory();
  await using directory = await temporaryDirectory();
  const fill = 'for each in $(seq 500); do head -c 50000 /bin/sh > full-$each || break; done';
  const script = `case "$* " in *"${output} "*) ${fill}; echo 'No space left on device' >&2; exit 1 ;; esac`;
  const real = process.env['PATH'] ?? '';
  await writeFile(join(bin.path, 'ffmpeg'), `#!/bin/sh\n${script}\nPATH='${real}' exec ffmpeg "$@"\n`, { mode: 0o755 });
  const disk = ['--dev-bind', '/', '/', '--size', String(16 * 1024 ** 2), '--tmpfs', directory.path];
  const path = ['--setenv', 'PATH', bin.path + delimiter + real];
  const program = [process.execPath, fileURLToPath(new URL('../support/render-on-disk.ts', import.meta.url))];
  const args = [...disk, ...path, ...program, file, contentType, directory.path];
  return (await runTool('bwrap', args, { timeoutMs: 60_000 })).trim();
}

describe('a file that was cut off', () => {
  it('becomes what there is of it, in all rungs, and the warning says how much that is', async () => {
    await using directory = await temporaryDirectory();
    const whole = await makeVideo({ file: path('whole.mp4'), width: 640, height: 480, seconds: 12, fps: 5 });
    const cut = await damaged(whole, 'cut.mp4', firstPart());
    await expect(renderClip(cut, 'video/mp4', directory.path)).rejects.toThrow(/ends before its announced end/);
    const rendering = await rescue(cut, 'video/mp4', directory);
    expect(inShort(rendering)).toEqual(['360p 480x360', '480p 640x480', 'poster 640x480']);
    expect(rendering.warning).toMatch(/^The file is damaged: only the first 0:0[678] of 0:12 could be rendered\.$/);
    const [small = 0, large = 0] = await lengths(directory, rendering);
    expect(small).toBeGreaterThan(6);
    expect(small).toBeLessThan(8.5);
    expect(large).toBeCloseTo(small, 1);
    expect(await kinds(directory, '360p.mp4')).toEqual(['video', 'audio']);
  });

  it.each([
    ['mkv', 'video/matroska'],
    ['webm', 'video/webm'],
    ['avi', 'video/vnd.avi'],
  ])('is rescued in %s', async (ending, contentType) => {
    await using directory = await temporaryDirectory();
    const whole = await makeVideo({ file: path(`whole.${ending}`), seconds: 2 });
    const rendering = await rescue(await damaged(whole, `cut.${ending}`, firstPart()), contentType, directory);
    expect(inShort(rendering)).toEqual(['180p 320x180', 'poster 320x180']);
    expect(rendering.warning).toMatch(/only the first 1\.\d of 2\.\d seconds/);
    const [length = 0] = await lengths(directory, rendering);
    expect(length).toBeGreaterThan(0.9);
    expect(length).toBeLessThan(1.6);
  });

  it('is rescued where only its size tells that it is', async () => {
    await using directory = await temporaryDirectory();
    const whole = await makeAudio({ file: path('whole.wav'), seconds: 4 });
    const rendering = await rescue(await damaged(whole, 'cut.wav', firstPart()), 'audio/wav', directory);
    expect(rendering).toMatchObject({ kind: 'audio', warning: 'The file is damaged: its end is missing.' });
  });

  it('is rescued where it is sound alone', async () => {
    await using directory = await temporaryDirectory();
    const whole = await makeAudio({ file: path('whole.flac'), seconds: 4 });
    const rendering = await rescue(await damaged(whole, 'cut.flac', firstPart()), 'audio/flac', directory);
    expect(rendering).toMatchObject({
      kind: 'audio',
      warning: expect.stringMatching(/the first 2\.\d of 4\.0 seconds/),
    });
    expect(inShort(rendering)).toEqual(['audio', 'poster 1280x360']);
  });
});

describe('a file that is damaged within', () => {
  it('is rendered without what cannot be decoded', async () => {
    await using directory = await temporaryDirectory();
    const whole = await makeVideo({ file: path('steady.mp4'), seconds: 4 });
    const file = await damaged(whole, 'hole.mp4', withHole(0.4, 0.7));
    await expect(renderClip(file, 'video/mp4', directory.path)).rejects.toThrow(/damaged/);
    const rendering = await rescue(file, 'video/mp4', directory);
    expect(rendering.warning).toBe('The file is damaged: parts of it could not be read.');
    const [length = 0] = await lengths(directory, rendering);
    expect(length).toBeGreaterThan(3.8);
  });

  it('is rendered up to a hole that the container does not get over', async () => {
    await using directory = await temporaryDirectory();
    const whole = await makeVideo({ file: path('steady.mkv'), seconds: 4 });
    const rendering = await rescue(await damaged(whole, 'hole.mkv', withHole(0.4, 0.7)), 'video/matroska', directory);
    expect(rendering.warning).toMatch(/only the first 1\.\d of 4\.\d seconds/);
  });

  it('is rendered without its sound where that cannot be decoded', async () => {
    await using directory = await temporaryDirectory();
    const file = await withNoise(await makeVideo({ file: path('to-spoil.mp4') }), 'noisy-sound.mp4', 'a');
    await expect(renderClip(file, 'video/mp4', directory.path)).rejects.toThrow(FileFault);
    const rendering = await rescue(file, 'video/mp4', directory);
    expect(rendering.warning).toBe('The sound was left out: it is damaged.');
    expect(await kinds(directory, '180p.mp4')).toEqual(['video']);
  });

  it('is its sound where the picture cannot be decoded', async () => {
    await using directory = await temporaryDirectory();
    const file = await withNoise(await makeVideo({ file: path('to-spoil.mp4') }), 'noisy-picture.mp4', 'v');
    await expect(renderClip(file, 'video/mp4', directory.path)).rejects.toThrow(FileFault);
    const rendering = await rescue(file, 'video/mp4', directory);
    expect(rendering).toMatchObject({ kind: 'audio', warning: 'The picture was left out: it is damaged.' });
    expect(inShort(rendering)).toEqual(['audio', 'poster 1280x360']);
  });
});

describe('a file with a track that may not be opened', () => {
  it('is rendered without that sound', async () => {
    await using directory = await temporaryDirectory();
    const file = await makeVideo({ file: path('wma.mkv'), options: ['-c:a', 'wmav2'] });
    await expect(renderClip(file, 'video/matroska', directory.path)).rejects.toThrow(/not supported \(wmav2\)/);
    const rendering = await rescue(file, 'video/matroska', directory);
    expect(inShort(rendering)).toEqual(['180p 320x180', 'poster 320x180']);
    expect(rendering.warning).toMatch(/^There is no sound: .* not supported \(wmav2\) was left out\.$/);
    expect(await kinds(directory, '180p.mp4')).toEqual(['video']);
  });

  it('is not its sound where that is the picture', async () => {
    const file = await makeVideo({ file: path('archive.mkv'), options: ['-c:v', 'ffv1'] });
    expect(await refusalOf(file, 'video/matroska')).toMatch(/not supported \(ffv1\)/);
  });

  it('fails, rather than wait, where there is no room for a copy without it', needsBwrap, async () => {
    const file = await makeVideo({ file: path('wma-again.mkv'), options: ['-c:a', 'wmav2'] });
    expect(await endWithoutRoom(file, 'video/matroska', 'without-1')).toMatch(/^fault .*no room for a copy/);
  });

  it('is rendered whole and upright where it is one too many', async () => {
    await using directory = await temporaryDirectory();
    const clip = await makeVideo({ file: path('upright.mov'), width: 180, height: 320, rotation: 90 });
    const drawing = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-t', '1'];
    const tracks = ['-map', '0', '-map', '1', '-c', 'copy', '-c:v:1', 'qtrle'];
    await ffmpeg('-i', clip, ...drawing, ...tracks, path('two-pictures.mov'));
    const rendering = await rescue(path('two-pictures.mov'), 'video/quicktime', directory);
    expect(inShort(rendering)).toEqual(['180p 320x180', 'poster 320x180']);
    expect(rendering.warning).toMatch(/^There is more in the file: .*\(qtrle\) was left out\.$/);
    expect(await kinds(directory, '180p.mp4')).toEqual(['video', 'audio']);
  });
});

describe('a rung that cannot be made', () => {
  it('is left out', async () => {
    await using bin = await temporaryDirectory();
    await using directory = await temporaryDirectory();
    const file = await makeVideo({ file: path('large.mp4'), width: 640, height: 480 });
    const given = await failingAt(bin, 'Error while opening encoder', '480p.mp4');
    await expect(renderClip(file, 'video/mp4', directory.path, given)).rejects.toThrow(FileFault);
    const rendering = await rescue(file, 'video/mp4', directory, given);
    expect(inShort(rendering)).toEqual(['360p 480x360', 'poster 480x360']);
    expect(rendering.warning).toBe('Some sizes could not be made: 480p.');
  });

  it('is a fault where there is no other', async () => {
    await using bin = await temporaryDirectory();
    await using directory = await temporaryDirectory();
    const file = await makeVideo({ file: path('large.mp4'), width: 640, height: 480 });
    const given = await failingAt(bin, 'Error while opening encoder', '360p.mp4', '480p.mp4');
    await expect(rescue(file, 'video/mp4', directory, given)).rejects.toThrow(FileFault);
  });

  it('may be the poster', async () => {
    await using bin = await temporaryDirectory();
    await using directory = await temporaryDirectory();
    const file = await makeVideo({ file: path('small.mp4') });
    const given = await failingAt(bin, 'Error while opening encoder', 'poster.jpg');
    await expect(renderClip(file, 'video/mp4', directory.path, given)).rejects.toThrow(ToolFailed);
    const rendering = await rescue(file, 'video/mp4', directory, given);
    expect(inShort(rendering)).toEqual(['180p 320x180']);
    expect(rendering.warning).toBe('There is no poster.');
    expect(rendering.variants.map(({ file }) => file)).toContain('storyboard.vtt');
    expect(rendering.placeholder).toBeUndefined();
  });

  it('may be all pictures of a video', async () => {
    await using bin = await temporaryDirectory();
    await using directory = await temporaryDirectory();
    const file = await makeVideo({ file: path('small.mp4') });
    const given = await failingAt(bin, 'Error while opening encoder', 'file:stills.rgb');
    await expect(renderClip(file, 'video/mp4', directory.path, given)).rejects.toThrow(ToolFailed);
    const rendering = await rescue(file, 'video/mp4', directory, given);
    expect(rendering.variants.map(({ name }) => name)).not.toContain('storyboard');
    expect(rendering.warning).toBe('There is no storyboard and no poster.');
  });

  it.each(['180p.mp4', 'file:poster.jpg'])('is waited for where the disk is full: %s', needsBwrap, async (output) => {
    const file = await makeVideo({ file: path('small.mp4') });
    expect(await endWithoutRoom(file, 'video/mp4', output)).toBe('machine no-space');
  });

  it('is not waited for where the disk is only said to be full', async () => {
    await using bin = await temporaryDirectory();
    const file = await makeVideo({ file: path('small.mp4') });
    const given = await failingAt(bin, 'No space left on device', '180p.mp4');
    await using directory = await temporaryDirectory();
    const rendering = renderClip(file, 'video/mp4', directory.path, given);
    await expect(rendering).rejects.toMatchObject({ name: 'FileFault', certain: false });
  });
});

it('a whole file is rendered as ever, with nothing to warn of', async () => {
  await using asEver = await temporaryDirectory();
  await using rescued = await temporaryDirectory();
  const file = await makeVideo({ file: path('sound.mp4'), width: 640, height: 360 });
  const rendering = await rescue(file, 'video/mp4', rescued);
  expect(rendering).toEqual(await renderClip(file, 'video/mp4', asEver.path));
  expect(rendering.warning).toBeUndefined();
});

describe('what a rescue does not help', () => {
  it('is a file with nothing in it', async () => {
    await writeFile(path('text.mp4'), 'hello\n'.repeat(1000));
    await writeFile(path('empty.mp4'), '');
    for (const name of ['text.mp4', 'empty.mp4']) {
      expect(await refusalOf(path(name), 'video/mp4')).toMatch(/index .* is missing/);
    }
    const whole = await makeVideo({ file: path('to-fill.mp4') });
    const filled = await damaged(whole, 'filled.mp4', withMedia(0xff));
    expect(await refusalOf(filled, 'video/mp4')).toMatch(/nothing in this file/);
  });

  it('is a file whose index is missing', async () => {
    const whole = await makeVideo({ file: path('index-last.mov'), seconds: 2 });
    const cut = await damaged(whole, 'no-index.mov', firstPart(0.9));
    expect(await refusalOf(cut, 'video/quicktime')).toMatch(/index .* is missing/);
  });

  it('is a file that would have ffmpeg open others', async () => {
    const secret = await makeVideo({ file: path('secret.ts') });
    await copyFile(secret, path('secret.mp4'));
    await writeFile(path('hls.mp4'), `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${secret}\n#EXT-X-ENDLIST\n`);
    await writeFile(path('concat.mp4'), "ffconcat version 1.0\nfile 'secret.mp4'\n");
    for (const name of ['hls.mp4', 'concat.mp4']) {
      for (const contentType of ['video/mp4', 'video/mpeg', 'video/x-matroska'])
        await refusalOf(path(name), contentType);
    }
    expect(await refusalOf(path('hls.mp4'), 'application/vnd.apple.mpegurl')).toMatch(/mpegurl/);
  });

  it('is a file that is over a limit, though its sound would not be', async () => {
    const picture = ['-f', 'lavfi', '-i', 'color=size=16000x4000:rate=1'];
    const sound = ['-f', 'lavfi', '-i', 'anullsrc=r=48000'];
    await ffmpeg(...picture, ...sound, '-t', '1', '-c:v', 'libx264', '-preset', 'ultrafast', path('huge.mp4'));
    await refusalOf(path('huge.mp4'), 'video/mp4');
    const hours = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=1/3600'];
    await ffmpeg(...hours, '-t', String(15 * 3600), '-c:v', 'libx264', path('long.mp4'));
    expect(await refusalOf(path('long.mp4'), 'video/mp4')).toMatch(/longer than 12 hours/);
  });
});

it('leaves nothing beside the outputs when it fails', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(path('text.mkv'), 'hello\n'.repeat(1000));
  await expect(rescue(path('text.mkv'), 'video/matroska', directory)).rejects.toThrow(FileFault);
  expect(await readdir(directory.path)).toEqual([]);
});

describe('videos from the world', needs.corpus, () => {
  it.each([
    ['video/vvc_unsupported.mp4', /not supported \(vvc1?\)/],
    ['hostile/fz_malformed_free_box.mp4', /incomplete/],
  ])('%s cannot be helped', async (file, reason) => {
    expect(await refusalOf(join(CORPUS, file), 'video/mp4')).toMatch(reason);
  });

  it.each([
    ['hostile/fz_invalid_nalu.mp4', 'video/mp4', '720p', /parts of it could not be read/],
    ['hostile/fz_missing_stsd.mp4', 'video/mp4', '720p', /^The sound was left out: its format \(unknown\)/],
    ['video/no_duration.webm', 'video/webm', '720p', undefined],
    ['video/audio_only_in_mp4.mp4', 'video/mp4', 'audio', undefined],
  ])('%s is rendered', async (file, contentType, largest, warning) => {
    await using directory = await temporaryDirectory();
    const rendering = await rescue(join(CORPUS, file), contentType, directory);
    expect(rendering.variants.map(({ name }) => name)).toContain(largest);
    if (warning) expect(rendering.warning).toMatch(warning);
    else expect(rendering.warning).toBeUndefined();
  });

  it.each([
    ['video/friday_640x480.mp4', 'video/mp4', /the first \d\.\d of 6\.\d seconds/],
    ['video/sar_3_2_1280x1080.mp4', 'video/mp4', /the first \d\.\d of 5\.\d seconds/],
  ])('%s is rendered as far as it goes when cut off', async (file, contentType, warning) => {
    await using directory = await temporaryDirectory();
    const cut = await damaged(join(CORPUS, file), 'cut-corpus.mp4', firstPart(0.7));
    const outcome = await rescue(cut, contentType, directory).catch((error: unknown) => error);
    if (outcome instanceof FileFault) expect(outcome.message).toMatch(/index .* is missing/);
    else expect(outcome).toMatchObject({ warning: expect.stringMatching(warning) });
  });
});
