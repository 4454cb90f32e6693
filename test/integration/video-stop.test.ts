import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import type { RenderProgress } from '../../services/transcoder/rendering.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { runTool } from '../../shared/run-tool.ts';
import { eventually } from '../support/eventually.ts';
import { needsBwrap, settings } from '../support/render-settings.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
/** Ten minutes, which no machine renders within a test. */
let endless: string;

beforeAll(async () => {
  scratch = await temporaryDirectory();
  const second = await makeVideo({ file: join(scratch.path, 'second.mp4'), width: 640, height: 360 });
  endless = join(scratch.path, 'endless.mp4');
  const copies = ['-stream_loop', '599', '-i', second, '-c', 'copy', endless];
  await runTool('ffmpeg', ['-v', 'error', ...copies], { timeoutMs: 30_000 });
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** Ids of the processes that run in a directory, as Linux tells it. */
async function processesIn(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const runsThere = async (pid: string) => (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === directory;
  const there = await Promise.all(pids.map(runsThere));
  return pids.filter((_, index) => there[index]);
}

describe.each([
  { where: 'in a sandbox', sandbox: settings.sandbox, processes: 2, options: needsBwrap },
  { where: 'without a sandbox', sandbox: NO_SANDBOX, processes: 1, options: {} },
])('a render $where', ({ sandbox, processes, options }) => {
  const given = { settings: { ...settings, sandbox } };

  it('tells how far it is, and ends at once when it is aborted', options, async () => {
    await using directory = await temporaryDirectory();
    const stop = new AbortController();
    const reason = new Error('the house stops');
    const seen: RenderProgress[] = [];
    let runningAtAbort: string[] = [];
    let abortedAt = 0;
    const rendering = renderClip(endless, 'video/mp4', directory.path, {
      ...given,
      signal: stop.signal,
      onProgress: async (progress) => {
        seen.push(progress);
        if (progress.percent < 1) return;
        runningAtAbort = await processesIn(directory.path);
        abortedAt = performance.now();
        stop.abort(reason);
      },
    });
    await expect(rendering).rejects.toBe(reason);
    expect(performance.now() - abortedAt).toBeLessThan(2000);
    expect(runningAtAbort).toHaveLength(processes);
    expect(await processesIn(directory.path)).toEqual([]);

    const last = seen.at(-1);
    expect(last).toMatchObject({ percent: expect.any(Number), speed: expect.any(Number) });
    expect(last?.percent).toBeLessThan(99);
    // What is left of ten minutes, at that speed.
    const expected = (600 * (1 - (last?.percent ?? 0) / 100)) / (last?.speed ?? 1);
    expect(Math.abs((last?.etaSeconds ?? 0) / expected - 1)).toBeLessThan(0.05);
  });

  it('does not begin when it is aborted before', options, async () => {
    await using directory = await temporaryDirectory();
    const reason = new Error('the house stops');
    const rendering = renderClip(endless, 'video/mp4', directory.path, { ...given, signal: AbortSignal.abort(reason) });
    await expect(rendering).rejects.toBe(reason);
    expect(await readdir(directory.path)).toEqual([]);
  });

  it.skipIf(!existsSync('/usr/bin/setpriv'))(
    'dies with the process that wanted it, kill -9 included',
    options,
    async () => {
      await using directory = await temporaryDirectory();
      const program = fileURLToPath(new URL('../support/render-until-killed.ts', import.meta.url));
      const parent = spawn(process.execPath, [program, endless, 'video/mp4', directory.path, sandbox.kind], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void parent.kill('SIGKILL'));
      await once(parent.stdout, 'data');
      expect(await processesIn(directory.path)).toHaveLength(processes);

      parent.kill('SIGKILL');
      await once(parent, 'exit');
      await eventually(async () => expect(await processesIn(directory.path)).toEqual([]), { within: 2000 });
    },
  );
});
