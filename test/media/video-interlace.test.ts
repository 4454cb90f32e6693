/** Interlaced video comes out without combs, whatever its flags say. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { withFieldsSeen } from '../../services/transcoder/video/look-for-fields.ts';
import { ourOwn } from '../../services/transcoder/video/opening.ts';
import { probe } from '../../services/transcoder/video/probe.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { runTool } from '../../shared/run-tool.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { lookAt, renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;

beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** A white disc that sweeps across a grey field, fast enough for its two fields to lie far apart. */
const sweep = [
  ...['-f', 'lavfi', '-i', 'color=gray:size=720x576:rate=50:duration=2'],
  ...['-f', 'lavfi', '-i', 'color=white:size=120x300:rate=50:duration=2'],
];

async function filmed(name: string, fields: string, options: readonly string[]): Promise<string> {
  const graph = `[0][1]overlay=x='mod(n*9,600)':y=130,${fields}`;
  const args = [...sweep, '-filter_complex', graph, ...options, '-q:v', '3', join(scratch.path, name)];
  await runTool('ffmpeg', ['-v', 'error', '-y', ...args], { timeoutMs: 30_000 });
  return join(scratch.path, name);
}

/** Share of the frames that look interlaced. */
async function combed(directory: string, file: string): Promise<number> {
  const look = 'crop=iw:ih-4:0:2,idet,metadata=print:key=lavfi.idet.single.current_frame:file=-';
  const args = ['-v', 'error', '-i', join(directory, file), '-vf', look, '-f', 'null', '-'];
  const lines = await runTool('ffmpeg', args, { timeoutMs: 30_000 });
  const frames = [...lines.matchAll(/current_frame=(\w+)/g)].map(([, verdict]) => verdict);
  return frames.filter((verdict) => verdict === 'tff' || verdict === 'bff').length / frames.length;
}

const ilme = ['-flags', '+ildct+ilme'];

describe('television', () => {
  it.each([
    [
      'that says so',
      'flagged.mpg',
      'video/mpeg',
      'tinterlace=interleave_top,setfield=tff',
      ['-c:v', 'mpeg2video', ...ilme],
    ],
    ['that does not say so', 'not-flagged.mpg', 'video/mpeg', 'tinterlace=interleave_top', ['-c:v', 'mpeg2video']],
    ['whose lower field is first', 'lower.ts', 'video/mp2t', 'tinterlace=interleave_bottom', ['-c:v', 'mpeg2video']],
    [
      'from a DV camera',
      'dv.avi',
      'video/vnd.avi',
      'tinterlace=interleave_bottom',
      ['-c:v', 'dvvideo', '-pix_fmt', 'yuv420p'],
    ],
  ])('%s has no combs', async (_what, name, contentType, fields, options) => {
    const source = await filmed(name, fields, options);
    await using directory = await temporaryDirectory();
    await renderClip(source, contentType, directory.path);
    expect(await combed(directory.path, '576p.mp4')).toBeLessThan(0.05);
    const { streams } = await lookAt(directory.path, '576p.mp4');
    expect(streams[0]).toMatchObject({ r_frame_rate: '25/1' });
  });

  it('that is progressive, and says that it is not, is left as it is', async () => {
    const file = await filmed('film.mpg', 'fps=25,setfield=tff', ['-c:v', 'mpeg2video', ...ilme]);
    const { signal } = new AbortController();
    const opening = ourOwn('mpeg', NO_SANDBOX);
    const source = sourceOf(await probe(file, opening, signal));
    expect(source).toMatchObject({ video: { fields: 'flagged' } });
    expect(await withFieldsSeen(source, { file, opening, threads: 1, lenient: false }, signal)).toMatchObject({
      video: { fields: 'none' },
    });
  });
});
