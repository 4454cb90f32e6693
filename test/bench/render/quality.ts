/** How near a rung is to its source: both at the source's size or at 1080 lines, frames paired by their number. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runTool } from '../../../shared/run-tool.ts';
import type { Clip } from './clip.ts';

export type Metric = 'VMAF' | 'SSIM';

export interface Judge {
  readonly metric: Metric;
  /** @returns the mean over all frames: VMAF 0…100, SSIM 0…1. */
  judge(rung: string, clip: Clip, stop: AbortSignal): Promise<number>;
}

const TIMEOUT_MS = 1_800_000;
const MAX_LINES = 1080;

/**
 * VMAF by the ffmpeg that VMAF_FFMPEG names or the one of the PATH, where it has libvmaf; else SSIM. Every frame is judged:
 * of every seventh, which takes a fifth of the time, one contender read 4.6 points too low and another 3.9 (measured).
 */
export async function findJudge(): Promise<Judge> {
  for (const ffmpeg of [process.env['VMAF_FFMPEG'], 'ffmpeg']) {
    if (ffmpeg === undefined) continue;
    const filters = await runTool(ffmpeg, ['-hide_banner', '-filters'], { timeoutMs: 30_000 });
    if (/ libvmaf /.test(filters)) return { metric: 'VMAF', judge: (...of) => vmaf(ffmpeg, ...of) };
  }
  return { metric: 'SSIM', judge: ssim };
}

async function vmaf(ffmpeg: string, rung: string, clip: Clip, stop: AbortSignal): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'vmaf-'));
  try {
    const filter = 'libvmaf=n_threads=2:log_fmt=json:log_path=vmaf.json';
    await compare(ffmpeg, rung, clip, filter, directory, stop);
    const report = z.object({ pooled_metrics: z.object({ vmaf: z.object({ mean: z.number() }) }) });
    return report.parse(JSON.parse(await readFile(join(directory, 'vmaf.json'), 'utf8'))).pooled_metrics.vmaf.mean;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function ssim(rung: string, clip: Clip, stop: AbortSignal): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'ssim-'));
  try {
    await compare('ffmpeg', rung, clip, 'ssim=stats_file=ssim.txt', directory, stop);
    const lines = (await readFile(join(directory, 'ssim.txt'), 'utf8')).trim().split('\n');
    return lines.reduce((sum, line) => sum + Number(/All:([\d.]+)/.exec(line)?.[1]), 0) / lines.length;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function compare(
  ffmpeg: string,
  rung: string,
  { file, width, height, rate }: Clip,
  metric: string,
  directory: string,
  stop: AbortSignal,
): Promise<void> {
  const lines = Math.min(height, MAX_LINES);
  const alike = [
    `scale=w=${2 * Math.round((width * lines) / height / 2)}:h=${lines}:flags=bicubic:out_range=tv`,
    'format=yuv420p',
    // ffmpeg 7 converts the colours of one side when only the other is tagged: that took 1.3 VMAF from who tags.
    'setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709',
    // By number, not by time: who repeats or delays frames is compared all the same.
    `settb=1/1000000,setpts=N/(${rate})/TB`,
  ].join(',');
  const graph = `[0:v]${alike}[rung];[1:v]${alike}[source];[rung][source]${metric}`;
  const args = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-i', rung, '-i', file, '-lavfi', graph];
  await runTool(ffmpeg, [...args, '-f', 'null', '-'], { timeoutMs: TIMEOUT_MS, directory, signal: stop });
}
