import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAudio, makeVideo } from '../../fixtures/make.ts';
import { FileFault } from '../../shared/errors.ts';
import { runTool } from '../../shared/run-tool.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
const path = (name: string) => join(scratch.path, name);

beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

async function refusalOf(file: string, contentType: string): Promise<FileFault> {
  await using directory = await temporaryDirectory();
  const error: unknown = await renderClip(file, contentType, directory.path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FileFault);
  return error as FileFault;
}

/** The first so many shares of a file, as a broken-off copy leaves it. */
async function cutOff(file: string, share: number): Promise<string> {
  const whole = await readFile(file);
  const cut = path(`cut-${share}-${file.split('/').at(-1)}`);
  await writeFile(cut, whole.subarray(0, Math.floor(whole.length * share)));
  return cut;
}

describe('a file that was cut off', () => {
  it.each([
    ['mp4', 'video/mp4', /ends before its announced end/],
    ['mov', 'video/quicktime', /index .* is missing/],
    ['mkv', 'video/matroska', /ends before its announced end/],
    ['webm', 'video/webm', /ends before its announced end/],
    ['avi', 'video/vnd.avi', /ends before its announced end/],
    ['flv', 'video/x-flv', /ends before its announced end/],
    ['ogv', 'video/ogg', /ends before its announced end/],
  ])('is noticed in %s', async (ending, contentType, reason) => {
    const whole = await makeVideo({ file: path(`whole.${ending}`), seconds: 2 });
    expect((await refusalOf(await cutOff(whole, 0.6), contentType)).message).toMatch(reason);
  });

  it.each([
    ['wav', 'audio/wav'],
    ['mp3', 'audio/mpeg'],
    ['ogg', 'audio/ogg'],
    ['opus', 'audio/ogg'],
    ['flac', 'audio/flac'],
  ])('is noticed in a recording of sound: %s', async (ending, contentType) => {
    const whole = await makeAudio({ file: path(`whole.${ending}`), seconds: 3 });
    expect((await refusalOf(await cutOff(whole, 0.6), contentType)).message).toMatch(/ends before its announced end/);
  });

  it('is noticed where the container keeps no account of its tracks', async () => {
    const fragments = ['-movflags', '+frag_keyframe+empty_moov', '-g', '12'];
    const fragmented = await makeVideo({ file: path('fragmented.mp4'), seconds: 2, options: fragments });
    expect((await refusalOf(await cutOff(fragmented, 0.6), 'video/mp4')).message).toMatch(
      /ends before its announced end/,
    );
  });

  it('cannot be told from a whole one where it is a stream that is made to be cut', async () => {
    const whole = await makeVideo({ file: path('whole.ts'), seconds: 2 });
    await using directory = await temporaryDirectory();
    const { variants } = await renderClip(await cutOff(whole, 0.6), 'video/mp2t', directory.path);
    expect(variants[0]?.durationSeconds).toBeLessThan(1.9);
  });

  it('is noticed though ffmpeg does not mind and the sound is whole', async () => {
    const picture = await makeVideo({ file: path('long.mp4'), seconds: 3, sound: false });
    const sound = await makeAudio({ file: path('short.m4a'), seconds: 1 });
    const whole = path('sound-first.mp4');
    // All sound before the picture in the file: what is cut off is the end of the picture alone.
    const together = ['-i', sound, '-i', picture, '-map', '0', '-map', '1', '-c', 'copy', '-movflags', '+faststart'];
    await runTool('ffmpeg', ['-v', 'error', ...together, '-max_interleave_delta', '1', whole], { timeoutMs: 10_000 });
    const fault = await refusalOf(await cutOff(whole, 0.85), 'video/mp4');
    expect(fault.message).toMatch(/ends before its announced end/);
  });
});

describe('a file that is not what it seems', () => {
  it('is refused with a reason', async () => {
    await writeFile(path('text.mp4'), 'hello\n'.repeat(1000));
    await writeFile(path('empty.mp4'), '');
    for (const name of ['text.mp4', 'empty.mp4']) {
      const fault = await refusalOf(path(name), 'video/mp4');
      expect(fault.message).toMatch(/incomplete/);
      expect(fault.toolOutput).toMatch(/moov atom not found/);
    }
  });

  it('cannot make ffmpeg open other files', async () => {
    const secret = await makeVideo({ file: path('secret.ts') });
    await copyFile(secret, path('secret.mp4'));
    await writeFile(path('hls.mp4'), `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${secret}\n#EXT-X-ENDLIST\n`);
    await writeFile(path('concat.mp4'), "ffconcat version 1.0\nfile 'secret.mp4'\n");
    for (const name of ['hls.mp4', 'concat.mp4']) {
      for (const contentType of ['video/mp4', 'video/mpeg']) await refusalOf(path(name), contentType);
    }
  });

  it('is refused by name where its codec may not be opened', async () => {
    const file = await makeVideo({ file: path('archive.mkv'), options: ['-c:v', 'ffv1'] });
    expect((await refusalOf(file, 'video/matroska')).message).toMatch(/not supported \(ffv1\)/);
  });

  it('is refused where its type is not for this renderer', async () => {
    const file = await makeVideo({ file: path('any.mp4') });
    expect((await refusalOf(file, 'application/vnd.apple.mpegurl')).message).toMatch(/mpegurl/);
  });
});
