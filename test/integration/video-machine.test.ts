/** Where the machine is in trouble nothing is left out for good, and no file is blamed. */
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { withFieldsSeen } from '../../services/transcoder/video/look-for-fields.ts';
import { ourOwn } from '../../services/transcoder/video/opening.ts';
import { packetTimes, probe } from '../../services/transcoder/video/probe.ts';
import { type Source, sourceOf } from '../../services/transcoder/video/source.ts';
import { makeSubtitles } from '../../services/transcoder/video/subtitles.ts';
import { FileFault } from '../../shared/errors.ts';
import { ToolFailed } from '../../shared/run-tool.ts';
import { needs } from '../support/needs.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const { signal } = new AbortController();
const opening = { demuxers: ['mpegts'], sandbox: NO_SANDBOX };
let scratch: TemporaryDirectory;
let file: string;
let source: Source;

beforeAll(async () => {
  scratch = await temporaryDirectory();
  file = await makeVideo({ file: join(scratch.path, 'clip.ts'), options: ['-flags', '+ildct+ilme'] });
  source = sourceOf(await probe(file, opening, signal));
});
afterAll(() => scratch[Symbol.asyncDispose]());
afterEach(() => vi.unstubAllEnvs());

/** Puts a tool first on the PATH that is this line of shell. */
async function withTool(name: 'ffmpeg' | 'ffprobe', line: string): Promise<void> {
  await writeFile(join(scratch.path, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', scratch.path + delimiter + process.env['PATH']);
}

const KILLED = 'kill -KILL $$';
const DAMAGED = 'echo "Invalid data found" >&2; exit 1';

describe('what is left out where the file is at fault', needs.linux, () => {
  const track = { index: 0, file: 'words.vtt', isWebVtt: false, language: undefined, label: undefined };
  const subtitles = () => makeSubtitles([track], { file, opening }, scratch.path, signal);
  const fields = () => withFieldsSeen(source, { file, opening, threads: 1, lenient: false }, signal);

  it('is missed where the machine is: subtitles', async () => {
    await withTool('ffmpeg', DAMAGED);
    expect(await subtitles()).toEqual({ variants: [], broken: [track] });
    await withTool('ffmpeg', KILLED);
    await expect(subtitles()).rejects.toMatchObject({ name: 'ToolFailed', end: { trouble: 'no-memory' } });
  });

  it('is missed where the machine is: a look at the fields', async () => {
    expect(source).toMatchObject({ video: { mayLieAboutFields: true } });
    await withTool('ffmpeg', DAMAGED);
    expect(await fields()).toEqual(source);
    await withTool('ffmpeg', KILLED);
    await expect(fields()).rejects.toThrow(ToolFailed);
  });
});

describe('a long answer about a file', needs.linux, () => {
  const LINE = `1.000000,1.000000${' '.repeat(200)}`;

  it('is taken where it is about all of its packets', async () => {
    await withTool('ffprobe', `yes '${LINE}' | head -n 400000`);
    expect(await packetTimes(file, opening, 0, signal)).toHaveLength(400_000);
    await expect(probe(file, opening, signal)).rejects.toThrow(FileFault);
  });

  it('without an end is the fault of the file, unless we have made that', async () => {
    await withTool('ffprobe', `exec yes '${LINE}'`);
    await expect(packetTimes(file, opening, 0, signal)).rejects.toThrow(FileFault);
    await expect(packetTimes(file, ourOwn('mpegts', NO_SANDBOX), 0, signal)).rejects.toThrow(ToolFailed);
  });

  it('that says nothing of a file of ours does not blame how that was recorded', async () => {
    await withTool('ffprobe', 'echo "moov atom not found" >&2; exit 1');
    const ours = probe(file, ourOwn('mov', NO_SANDBOX), signal);
    await expect(ours).rejects.toMatchObject({
      message: expect.stringMatching(/did not come out right/),
      certain: false,
    });
  });
});
