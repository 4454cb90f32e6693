/** Containers that carry more than media: references, attachments, subtitles and second formats. None of it is opened. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { sniff } from '../../services/upload/intake/media-type.ts';
import { runTool } from '../../shared/run-tool.ts';
import { aviWithSubtitles } from '../support/hostile/avi.ts';
import { box, withMediaIn } from '../support/hostile/boxes.ts';
import { type Canary, placeCanary } from '../support/hostile/canary.ts';
import { outcomesOf } from '../support/hostile/outcome.ts';
import { referencesTo } from '../support/hostile/references.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

interface Place {
  readonly canary: Canary;
  readonly path: (name: string) => string;
  /** Names the canary beside it. */
  readonly playlist: string;
}

async function placed(): Promise<Place> {
  const directory = await temporaryDirectory();
  const canary = await placeCanary(directory.path);
  onTestFinished(async () => {
    await canary[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });
  const playlist = referencesTo(canary.files[0])['an HLS playlist'] ?? '';
  return { canary, path: (name) => join(directory.path, name), playlist };
}

const ffmpeg = (...args: readonly string[]) =>
  runTool('ffmpeg', ['-hide_banner', '-v', 'error', '-y', ...args], { timeoutMs: 20_000 });

const RENDERED = ['rendered'];

describe('media in another file', needs.linux, () => {
  it('are not fetched from there', async () => {
    const { canary, path } = await placed();
    const clip = await readFile(await makeVideo({ file: path('clip.mov'), sound: false }));
    await writeFile(path('reference.mov'), withMediaIn(clip, path('canary.mp4')));
    for (const reason of await outcomesOf(path('reference.mov'), 'video/quicktime', NO_SANDBOX)) {
      expect(reason).not.toBe('rendered');
    }
    expect(canary.touched()).toEqual([]);

    // So would an ffmpeg that is told to follow them.
    const drefs = ['-enable_drefs', '1', '-i', path('reference.mov')];
    await runTool('ffmpeg', [...drefs, '-f', 'null', '-'], { timeoutMs: 3000 }).catch(() => {});
    expect(canary.touched()).toEqual(['canary.mp4']);
  });
});

describe('what comes along with media', needs.linux, () => {
  it.each(['an HLS playlist', 'a DASH manifest', 'an ffconcat script', 'a SDP session'])(
    'as subtitles of an AVI is not opened: %s',
    async (name) => {
      const { canary, path } = await placed();
      const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-frames:v', '1', '-pix_fmt', 'yuvj420p'];
      await ffmpeg(...picture, path('frame.jpg'));
      const frame = await readFile(path('frame.jpg'));
      for (const target of [canary.files[0], 'canary.ts', `${canary.url}/a.ts`]) {
        await writeFile(path('gab2.avi'), aviWithSubtitles(frame, Buffer.from(referencesTo(target)[name] ?? '')));
        expect(await outcomesOf(path('gab2.avi'), 'video/vnd.avi', NO_SANDBOX)).toEqual(RENDERED);
      }
      expect(canary.touched()).toEqual([]);
    },
  );

  it('as attachments and subtitles of Matroska is not opened', async () => {
    const { canary, path, playlist } = await placed();
    await writeFile(path('attached.m3u8'), playlist);
    const lines = playlist.split('\n').join(' ');
    await writeFile(path('lines.srt'), `1\n00:00:00,000 --> 00:00:01,000\n${lines}\n\n`);
    const clip = await makeVideo({ file: path('clip.mkv') });
    const attached = ['-attach', path('attached.m3u8'), '-metadata:s:t', 'mimetype=application/vnd.apple.mpegurl'];
    await ffmpeg(
      '-i',
      clip,
      '-i',
      path('lines.srt'),
      '-map',
      '0',
      '-map',
      '1',
      '-c',
      'copy',
      ...attached,
      path('both.mkv'),
    );
    expect(await outcomesOf(path('both.mkv'), 'video/matroska', NO_SANDBOX)).toEqual(RENDERED);
    expect(canary.touched()).toEqual([]);
  });

  it('as names and titles is a title', async () => {
    const { canary, path, playlist } = await placed();
    const titles = [`title=${playlist}`, `comment=file:${canary.files[0]}`].flatMap((tag) => ['-metadata', tag]);
    for (const [ending, contentType] of [
      ['mp4', 'video/mp4'],
      ['mkv', 'video/matroska'],
      ['flv', 'video/x-flv'],
    ] as const) {
      const file = await makeVideo({ file: path(`titled.${ending}`), options: titles });
      expect(await outcomesOf(file, contentType, NO_SANDBOX)).toEqual(RENDERED);
    }
    expect(canary.touched()).toEqual([]);
  });
});

describe('a file that is two things at once', needs.linux, () => {
  it('is the video that it begins as', async () => {
    const { canary, path, playlist } = await placed();
    const clip = await readFile(await makeVideo({ file: path('clip.mov') }));
    const pdf = Buffer.from(referencesTo(`${canary.url}/a`)['a PDF'] ?? '');
    const zip = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
    const versions: Record<string, Buffer> = {
      'pdf-behind.mp4': Buffer.concat([clip, box('free', pdf)]),
      'zip-behind.mp4': Buffer.concat([clip, zip]),
      'playlist-behind.mp4': Buffer.concat([clip, box('free', Buffer.from(playlist))]),
    };
    for (const [name, content] of Object.entries(versions)) {
      await writeFile(path(name), content);
      expect([name, ...(await outcomesOf(path(name), 'video/quicktime', NO_SANDBOX))]).toEqual([name, ...RENDERED]);
    }
    expect(canary.touched()).toEqual([]);
  });

  it.each([
    ['a PDF', '%PDF-1.4\n'],
    ['a ZIP', 'PK\x03\x04\x14\0\0\0\0\0'],
    ['a playlist', '#EXTM3U\n'],
    ['a program', '#!/bin/sh\n'],
  ])('is refused at the door where it begins as %s, and in the booth if it came so far', async (_what, beginning) => {
    const { canary, path } = await placed();
    const clip = await readFile(await makeVideo({ file: path('clip.mp4') }));
    const both = Buffer.concat([Buffer.from(beginning, 'latin1'), clip]);
    expect(await sniff(both.subarray(0, 4100))).toMatchObject({ outcome: 'refused' });
    await writeFile(path('both.mp4'), both);
    for (const reason of await outcomesOf(path('both.mp4'), 'video/mp4', NO_SANDBOX)) {
      expect(reason).not.toBe('rendered');
    }
    expect(canary.touched()).toEqual([]);
  });
});
