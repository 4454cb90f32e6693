/** What becomes of the tracks of a file beside its picture and its sound. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import type { RenderedVariant } from '../../services/transcoder/rendering.ts';
import { FileFault } from '../../shared/errors.ts';
import { runTool } from '../../shared/run-tool.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { inShort, lookAt, renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
let clip: string;
let words: string;
const path = (name: string) => join(scratch.path, name);

beforeAll(async () => {
  scratch = await temporaryDirectory();
  clip = await makeVideo({ file: path('clip.mkv') });
  words = path('words.srt');
  await writeFile(words, '1\n00:00:00,100 --> 00:00:00,900\nGrüße <i>you</i> & me\n');
});
afterAll(() => scratch[Symbol.asyncDispose]());

async function made(name: string, ...args: readonly string[]): Promise<string> {
  await runTool('ffmpeg', ['-v', 'error', '-y', ...args, path(name)], { timeoutMs: 30_000 });
  return path(name);
}

const tone = (hertz: number) => ['-f', 'lavfi', '-i', `sine=frequency=${hertz}:duration=1`];

/** Beside each lies the playlist by which HLS players find it. */
const isText = ({ name, file }: RenderedVariant) => name === 'subtitles' && file.endsWith('.vtt');

describe('subtitles of text', () => {
  it.each([
    ['mkv', 'video/matroska', ['subrip', 'ass', 'webvtt']],
    ['mp4', 'video/mp4', ['mov_text', 'mov_text']],
    ['webm', 'video/webm', ['webvtt']],
  ] as const)('become WebVTT from %s', async (ending, contentType, codecs) => {
    const inputs = codecs.flatMap(() => ['-i', words]);
    const maps = codecs.flatMap((codec, index) => [
      ...['-map', String(index + 1), `-c:s:${index}`, codec],
      ...[`-metadata:s:s:${index}`, `language=${['eng', 'ger', 'pt-BR'][index]}`],
    ]);
    const streams = [
      '-map',
      '0',
      ...maps,
      ...(ending === 'webm' ? ['-c:v', 'libvpx', '-c:a', 'libvorbis'] : ['-c:v', 'copy', '-c:a', 'copy']),
    ];
    const source = await made(`words.${ending}`, '-i', clip, ...inputs, ...streams);
    await using directory = await temporaryDirectory();
    const { variants, warning } = await renderClip(source, contentType, directory.path);
    expect(warning).toBeUndefined();
    const subtitles = variants.filter(isText);
    expect(subtitles.map(({ file }) => file)).toEqual(
      ['subtitles_1_en.vtt', 'subtitles_2_de.vtt', 'subtitles_3_pt_BR.vtt'].slice(0, codecs.length),
    );
    for (const { file, bytes, contentType } of subtitles) {
      const text = await readFile(join(directory.path, file), 'utf8');
      expect(text).toMatch(/^WEBVTT\n\n00:00\.1\d\d --> 00:00\.9\d\d\nGrüße <i>you<\/i> &amp; me\n$/);
      expect({ bytes, contentType }).toEqual({ bytes: Buffer.byteLength(text), contentType: 'text/vtt' });
    }
  });

  it('that cannot be read cost a warning, and not the others', async () => {
    const tracks = ['-map', '0', '-map', '1', '-map', '2', '-c', 'copy', '-metadata:s:s:0', 'language=fra'];
    const source = await made('broken.mkv', '-i', clip, '-i', words, '-i', words, ...tracks);
    const whole = await readFile(source);
    // The first track says that it is ASS, whose header it lacks.
    const at = whole.indexOf('S_TEXT/UTF8');
    whole.write('S_TEXT/USF ', at);
    await writeFile(source, whole);
    await using directory = await temporaryDirectory();
    const rendering = await renderClip(source, 'video/matroska', directory.path);
    expect(rendering.variants.filter(isText)).toHaveLength(1);
    expect(rendering.warning).toMatch(/^Subtitles .* were left out: French\.$/);
  });
});

describe('sound of 5.1', () => {
  /** Loudest sample, dB of full scale. */
  async function peak(file: string): Promise<number> {
    const look = 'astats=metadata=1,ametadata=print:key=lavfi.astats.Overall.Peak_level:file=-';
    const lines = await runTool('ffmpeg', ['-v', 'error', '-i', file, '-af', look, '-f', 'null', '-'], {
      timeoutMs: 30_000,
    });
    return Math.max(...[...lines.matchAll(/Peak_level=(-?[\d.]+)/g)].map(([, level]) => Number(level)));
  }

  it.each([
    ['whose voices are in the middle has them in both ears, 3 dB lower', 'pan=5.1|FC=c0', -4.5, -2],
    ['that is loud in all channels does not overdrive', 'pan=5.1|FL=c0|FR=c0|FC=c0|LFE=c0|BL=c0|BR=c0', -2, 0.5],
  ])('%s', async (_what, channels, least, most) => {
    const source = await made('surround.flac', ...tone(440), '-af', `volume=18dB,${channels}`);
    await using directory = await temporaryDirectory();
    await renderClip(source, 'audio/flac', directory.path);
    const level = await peak(join(directory.path, 'audio.m4a'));
    expect(level).toBeGreaterThan(least);
    expect(level).toBeLessThan(most);
  });
});

describe('a track too many', () => {
  it('is named where it is of another language', async () => {
    const tracks = ['-map', '0', '-map', '1', '-c', 'copy', '-c:a:1', 'aac', '-metadata:s:a:1', 'language=ger'];
    const titled = ['-metadata:s:a:1', 'title=Commentary'];
    const source = await made('sounds.mkv', '-i', clip, ...tone(440), ...tracks, ...titled);
    await using directory = await temporaryDirectory();
    const rendering = await renderClip(source, 'video/matroska', directory.path);
    expect(rendering.warning).toBe('Only one sound track was rendered; left out: German “Commentary”.');
  });

  it('is left out where it may not be opened, and the rest is rendered at the first try', async () => {
    const tracks = ['-map', '0', '-map', '1', '-map', '2', '-c', 'copy', '-c:a:1', 'wmav2'];
    const source = await made('extra.mkv', '-i', clip, ...tone(440), '-i', words, ...tracks);
    await using directory = await temporaryDirectory();
    const rendering = await renderClip(source, 'video/matroska', directory.path);
    expect(inShort(rendering)).toEqual(['180p 320x180', 'subtitles', 'poster 320x180']);
    expect(rendering.warning).toMatch(/^There is more in the file: .*\(wmav2\) was left out\.$/);
    const { streams } = await lookAt(directory.path, '180p.mp4');
    expect(streams.map((stream) => stream['codec_name'])).toEqual(['h264', 'aac']);
  });

  it('is not the picture of a film, nor its only sound: these are refused by name', async () => {
    const refusal = async (source: string) => {
      await using directory = await temporaryDirectory();
      const error: unknown = await renderClip(source, 'video/matroska', directory.path).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(FileFault);
      return error instanceof FileFault ? error.message : expect.unreachable();
    };
    expect(await refusal(await made('silent.mkv', '-i', clip, '-c:v', 'copy', '-c:a', 'wmav2'))).toMatch(/\(wmav2\)/);
    expect(await refusal(await made('blind.mkv', '-i', clip, '-c:a', 'copy', '-c:v', 'ffv1'))).toMatch(/\(ffv1\)/);
    expect(await refusal(await made('neither.mkv', '-i', clip, '-c:a', 'wmav2', '-c:v', 'ffv1'))).toMatch(
      /\((ffv1|wmav2)\)/,
    );
  });

  it('is no cover that stands first', async () => {
    const cover = ['-f', 'lavfi', '-i', 'color=red:size=64x64:duration=0.04'];
    const tracks = ['-map', '0', '-map', '1', '-c:v:0', 'png', '-disposition:v:0', 'attached_pic', '-c:v:1', 'copy'];
    const source = await made('cover.mp4', ...cover, '-i', clip, ...tracks, '-c:a', 'aac');
    await using directory = await temporaryDirectory();
    const rendering = await renderClip(source, 'video/mp4', directory.path);
    expect(inShort(rendering)).toEqual(['180p 320x180', 'poster 320x180']);
    expect(rendering.warning).toBeUndefined();
  });
});
