/** Outputs that are not what was planned, or not whole, are noticed before they are published. */
import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { type FragmentedFile, readFragments } from '../../services/transcoder/video/hls/fragments.ts';
import { ourOwn } from '../../services/transcoder/video/opening.ts';
import { planFor, type VideoPlan } from '../../services/transcoder/video/plan.ts';
import { probe } from '../../services/transcoder/video/probe.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { type VerifiedRung, verifyRung } from '../../services/transcoder/video/verify/verify-rung.ts';
import { FileFault } from '../../shared/errors.ts';
import { runTool, ToolFailed } from '../../shared/run-tool.ts';
import { aim } from '../support/probed.ts';
import { settings } from '../support/render-settings.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { renderClip } from '../support/video.ts';

const { signal } = new AbortController();

describe.each([
  { seconds: 9, fragments: [4, 4, 1] },
  { seconds: 5, fragments: [4, 1] },
])('a rung of $seconds s', ({ seconds, fragments }) => {
  let scratch: TemporaryDirectory;
  let plan: VideoPlan;
  let index: FragmentedFile;
  const whole = () => join(scratch.path, 'whole.mp4');
  const published = () => join(scratch.path, '180p.mp4');

  beforeAll(async () => {
    scratch = await temporaryDirectory();
    const source = await makeVideo({ file: join(scratch.path, 'lecture.mp4'), seconds });
    await renderClip(source, 'video/mp4', scratch.path);
    await copyFile(published(), whole());
    index = await readFragments(whole());
    const planned = planFor(sourceOf(await probe(source, ourOwn('mov', NO_SANDBOX), signal)), aim);
    if (planned.kind === 'audio') throw new Error('expected the plan of a video');
    plan = planned;
  });
  afterAll(() => scratch[Symbol.asyncDispose]());

  const verified = (): Promise<VerifiedRung> => verifyRung(plan, plan.rungs[0], scratch.path, settings.sandbox, signal);

  /** Made of the whole one by ffmpeg, as the rung is made. */
  async function remade(...options: string[]): Promise<void> {
    const movflags = ['-movflags', '+frag_keyframe+default_base_moof+delay_moov+global_sidx'];
    await runTool('ffmpeg', ['-v', 'error', '-y', ...options, ...movflags, published()], { timeoutMs: 30_000 });
  }

  /** Its bytes from one on replaced by nonsense. */
  async function spoilt(from: number, bytes: number): Promise<void> {
    const content = await readFile(whole());
    content.fill(0x5a, from, from + bytes);
    await writeFile(published(), content);
  }

  const fragment = (place: number) => {
    const found = index.fragments.at(place);
    if (!found) throw new Error(`there is no fragment ${place}`);
    return found;
  };

  it('that is whole is told of with its codecs, its rate and its fragments', async () => {
    await copyFile(whole(), published());
    const { codecs, framesPerSecond, variant, ...rest } = await verified();
    expect(codecs).toMatch(/^avc1\.6400[0-9a-f]{2},mp4a\.40\.2$/);
    expect(framesPerSecond).toBe(25);
    expect(variant).toMatchObject({ name: '180p', width: 320, height: 180 });
    expect(rest.index.fragments.map((one) => one.seconds)).toEqual(fragments);
  });

  it('that was cut off within its last fragment is not whole', async () => {
    await copyFile(whole(), published());
    await truncate(published(), fragment(-1).offset + Math.floor(fragment(-1).bytes / 2));
    await expect(verified()).rejects.toThrow(/is not whole/);
  });

  it('that was cut off between two fragments is not whole', async () => {
    await copyFile(whole(), published());
    await truncate(published(), fragment(-1).offset);
    await expect(verified()).rejects.toThrow(/is not whole/);
  });

  it.each([1, -1])('whose fragment %i cannot be read is not whole', async (place) => {
    await spoilt(fragment(place).offset + 4, 40);
    await expect(verified()).rejects.toThrow(`frames, and ${25 * seconds} in its index`);
  });

  it('whose last pictures cannot be decoded is not whole', async () => {
    await spoilt(fragment(-1).offset + Math.floor(fragment(-1).bytes / 2), 2000);
    await expect(verified()).rejects.toThrow(ToolFailed);
  });

  it('whose first pictures cannot be decoded is not whole', async () => {
    await spoilt(fragment(0).offset + Math.floor(fragment(0).bytes / 2), 2000);
    await expect(verified()).rejects.toThrow(ToolFailed);
  });

  it('whose sound begins late is refused', async () => {
    await remade('-i', whole(), '-itsoffset', '0.2', '-i', whole(), '-map', '0:v', '-map', '1:a', '-c', 'copy');
    await expect(verified()).rejects.toThrow(FileFault);
    await expect(verified()).rejects.toMatchObject({ toolOutput: expect.stringMatching(/begin 0\.\d+ s apart/) });
  });

  it('that few devices play is refused', async () => {
    await remade(
      '-i',
      whole(),
      '-c:a',
      'copy',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-level',
      '5.2',
      '-g',
      '100',
    );
    await expect(verified()).rejects.toMatchObject({ toolOutput: expect.stringMatching(/its level is 52/) });
  });

  it('that is shorter than its source is refused', async () => {
    await remade('-i', whole(), '-t', '3', '-c', 'copy');
    await expect(verified()).rejects.toThrow(/ends before its announced end/);
  });
});
