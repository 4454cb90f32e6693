/** Another codec, and one rung more, are a matter of the ladder alone. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import { type Ladder, ladder, type RungSettings } from '../../services/transcoder/ladder.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { makePlaylists } from '../../services/transcoder/video/hls/make-playlists.ts';
import { ourOwn } from '../../services/transcoder/video/opening.ts';
import { planFor } from '../../services/transcoder/video/plan.ts';
import { probe } from '../../services/transcoder/video/probe.ts';
import { renderRungs } from '../../services/transcoder/video/render-plan.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { createLogger } from '../../shared/logger.ts';
import { needs } from '../support/needs.ts';
import { aim } from '../support/probed.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { keyframes, lookAt } from '../support/video.ts';

const rung = (settings: Partial<RungSettings>, preset: string): RungSettings => {
  const encoding = { preset, crf: 35, params: {} };
  const each = { fast: encoding, balanced: encoding, small: encoding };
  return { ...ladder.rungs[0], ...settings, encodings: { moving: each, still: each } };
};

/** H.264 and one of each other codec, at rungs of their own. */
const mixed: Ladder = {
  ...ladder,
  rungs: [
    rung({ lines: 240, codec: 'h264' }, 'ultrafast'),
    rung({ lines: 240, codec: 'hevc' }, 'ultrafast'),
    rung({ lines: 180, codec: 'av1' }, '10'),
  ],
};

describe('a ladder of several codecs', () => {
  it('gives aligned rungs of each', needs.av1, async () => {
    await using directory = await temporaryDirectory();
    const { signal } = new AbortController();
    const file = await makeVideo({ file: join(directory.path, 'in.mp4'), width: 426, height: 240, seconds: 4.4 });
    const plan = planFor(sourceOf(await probe(file, ourOwn('mov', NO_SANDBOX), signal)), { ...aim, ladder: mixed });
    if (plan.kind === 'audio') throw new Error('expected the plan of a video');
    expect(plan.rungs.map(({ name, scaledFrom }) => [name, scaledFrom])).toEqual([
      ['240p', undefined],
      ['240p_hevc', '240p'],
      ['180p_av1', '240p'],
    ]);
    const circumstances = { file, opening: ourOwn('mov', NO_SANDBOX), threads: 2, lenient: false };
    const rungs = await renderRungs(plan, circumstances, {
      directory: directory.path,
      durationSeconds: 4.4,
      timeoutMs: 60_000,
      stallMs: 60_000,
      signal,
      onProgress: () => {},
      log: createLogger('test', { logLevel: 'silent' }),
    });
    expect(rungs.map(({ codecs }) => codecs.split(',')[0]?.split('.')[0])).toEqual(['av01', 'hvc1', 'avc1']);
    for (const { variant } of rungs) {
      expect(await keyframes(directory.path, variant.file)).toEqual([0, 4]);
      const { streams } = await lookAt(directory.path, variant.file);
      expect(streams[0]).toMatchObject({ pix_fmt: 'yuv420p', color_space: 'smpte170m' });
    }
    await makePlaylists(rungs, [], 2, directory.path);
    expect(await readFile(join(directory.path, 'master.m3u8'), 'utf8')).toMatch(/hvc1\.1\.6\.L\d+\.90,mp4a\.40\.2/);
  });
});
