/** Headers that lie, bombs, and files damaged at random: refused with a reason or rendered, within seconds. */
import { readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAudio, makeVideo } from '../../fixtures/make.ts';
import { runTool } from '../../shared/run-tool.ts';
import { damages, fuzzed } from '../support/hostile/fuzz.ts';
import { mp4Lies, otherLies } from '../support/hostile/lies.ts';
import { outcomesOf } from '../support/hostile/outcome.ts';
import { needs } from '../support/needs.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

let scratch: TemporaryDirectory;
const path = (name: string) => join(scratch.path, name);

beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

const small = { width: 96, height: 64, fps: 10, seconds: 1 };
const SOUNDS = ['.mp3', '.wav', '.flac', '.ogg', '.m4a'];

async function clip(name: string): Promise<Buffer> {
  const file = path(name);
  return readFile(await (SOUNDS.includes(extname(name)) ? makeAudio({ file }) : makeVideo({ file, ...small })));
}

async function outcomesWith(content: Buffer, contentType: string) {
  await writeFile(path('hostile'), content);
  return outcomesOf(path('hostile'), contentType);
}

describe('a header that lies', needs.linux, () => {
  it.each(Object.keys(mp4Lies))('about %s does no harm', async (name) => {
    const whole = await clip('clip.mp4');
    const lie = mp4Lies[name]?.(whole);
    if (!lie) throw new Error(`no lie is called ${name}`);
    expect(lie.equals(whole)).toBe(false);
    await outcomesWith(lie, 'video/mp4');
  });

  it.each(otherLies)('about %s in %s does no harm', async (_what, ending, contentType, lie) => {
    const whole = await clip(`clip.${ending}`);
    expect(lie(whole).equals(whole)).toBe(false);
    await outcomesWith(lie(whole), contentType);
  });
});

describe('a bomb', needs.linux, () => {
  const ffmpeg = (...args: readonly string[]) =>
    runTool('ffmpeg', ['-hide_banner', '-v', 'error', '-y', ...args], { timeoutMs: 60_000 });

  it('of pixels that its header does not admit is refused', async () => {
    const picture = ['-f', 'lavfi', '-i', 'color=size=16000x4000:rate=1', '-frames:v', '1'];
    await ffmpeg(...picture, '-c:v', 'libx264', '-preset', 'ultrafast', path('pixels.mkv'));
    const file = await readFile(path('pixels.mkv'));
    // PixelWidth and PixelHeight, two bytes each.
    file.writeUInt16BE(320, file.indexOf(Buffer.from('b082', 'hex')) + 2);
    file.writeUInt16BE(80, file.indexOf(Buffer.from('ba82', 'hex')) + 2);
    for (const reason of await outcomesWith(file, 'video/matroska')) expect(reason).toMatch(/larger than 8K/);
  });

  it('of time, a long black video of few bytes, is rendered or refused as any other', async () => {
    const black = (seconds: number, file: string) =>
      ffmpeg(
        '-f',
        'lavfi',
        '-i',
        'color=black:size=64x64:rate=1/600',
        '-t',
        String(seconds),
        '-c:v',
        'libx264',
        path(file),
      );
    await black(3600, 'hour.mp4');
    expect(await outcomesOf(path('hour.mp4'), 'video/mp4')).toEqual(['rendered']);
    await black(13 * 3600, 'hours.mp4');
    for (const reason of await outcomesOf(path('hours.mp4'), 'video/mp4'))
      expect(reason).toMatch(/longer than 12 hours/);
  });

  it('of frames, which a file says to have a billion of a second, is rendered at a rate that can be shown', async () => {
    const times = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=1000', '-frames:v', '500', '-c:v', 'libx264'];
    await ffmpeg(...times, path('thousand.mkv'));
    expect(await outcomesOf(path('thousand.mkv'), 'video/matroska')).toEqual(['rendered']);
  });
});

describe('bits flipped at random', needs.linux, () => {
  it.each([
    ['mp4', 'video/mp4'],
    ['mkv', 'video/matroska'],
    ['webm', 'video/webm'],
    ['avi', 'video/vnd.avi'],
    ['ts', 'video/mp2t'],
    ['flv', 'video/x-flv'],
    ['mpg', 'video/mpeg'],
    ['ogv', 'video/ogg'],
    ['mp3', 'audio/mpeg'],
    ['wav', 'audio/wav'],
    ['flac', 'audio/flac'],
    ['m4a', 'audio/mp4'],
  ])('in %s do no harm', async (ending, contentType) => {
    const whole = await clip(`whole.${ending}`);
    for (const [seed, damage] of damages.entries()) await outcomesWith(fuzzed(whole, damage, seed), contentType);
  });
});
