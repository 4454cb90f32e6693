/** Who renders the clip: we in each quality, our command without us, our settings as most would run them, and the peers. */
import { ladder, linesOf, QUALITIES, type Quality } from '../../../services/transcoder/ladder.ts';
import { runTool } from '../../../shared/run-tool.ts';
import type { Clip } from './clip.ts';
import type { FfmpegRun, Peer, RungFile } from './contender.ts';
import { mainJob } from './main-job.ts';
import { bare, eachAlone, renderByUs, rungFiles } from './ours.ts';
import { encore } from './peers/encore.ts';
import { mediacms } from './peers/mediacms.ts';
import { peertube } from './peers/peertube.ts';
import { superstreamer } from './peers/superstreamer.ts';
import type { Took } from './render-process.ts';
import { measured } from './usage.ts';

export interface Measurement {
  /** Until the end of the last ffmpeg that renders; for the main job, until the manifest is there. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** Of ours: verification, poster and the like, which come after. */
  readonly after?: Took['after'];
  /** Largest resident set of ffmpeg, and of Node where the render has one of its own; in bytes. */
  readonly ffmpegPeak: number;
  readonly nodePeak?: number;
  /** What it left in the directory. */
  readonly rungs: readonly RungFile[];
}

export interface Contender {
  readonly name: string;
  /** @param directory an empty one. */
  run(clip: Clip, directory: string, stop: AbortSignal): Promise<Measurement>;
}

const TIMEOUT_MS = 3_600_000;
const PEERS: readonly Peer[] = [peertube, mediacms, encore, superstreamer];

export const names = {
  ours: (quality: Quality) => `${quality}`,
  bare: (quality: Quality) => `${quality}: the bare ffmpeg command`,
  eachAlone: (quality: Quality) => `${quality}: a process for each rung`,
  mainJob: (quality: Quality) => `${quality}: the main job, HTTP to manifest`,
};

/** @param quality of all that is not a peer and not one of the plain renders. */
export function contenders(quality: Quality): Contender[] {
  return [
    ...QUALITIES.map(ours),
    { name: names.bare(quality), run: async (clip, ...to) => commands(await bare(clip.file, quality, to[1]), ...to) },
    {
      name: names.eachAlone(quality),
      run: async (clip, ...to) => commands(await eachAlone(clip.file, quality, to[1]), ...to),
    },
    { name: names.mainJob(quality), run: (clip) => wholeJob(clip, quality) },
    ...PEERS.map(
      ({ name, runs }): Contender => ({ name, run: (clip, ...to) => commands(runs(clip, linesIn(clip)), ...to) }),
    ),
  ];
}

/** Rungs that the peers are asked for; the same as ours. */
function linesIn({ width, height }: Clip): number[] {
  return linesOf(ladder)
    .filter((lines) => lines <= Math.min(width, height))
    .toReversed();
}

function ours(quality: Quality): Contender {
  return {
    name: names.ours(quality),
    async run({ file }, directory, stop) {
      const [took, usage] = await measured(() => renderByUs(file, directory, quality, stop));
      const { render, after, peakMemory: nodePeak, files } = took;
      return { ...render, after, nodePeak, ffmpegPeak: usage.peak('ffmpeg'), rungs: rungFiles(files) };
    },
  };
}

async function commands(runs: readonly FfmpegRun[], directory: string, stop: AbortSignal): Promise<Measurement> {
  const [, { cpuSeconds, seconds, peak }] = await measured(async () => {
    for (const { args } of runs) {
      const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', ...args];
      await runTool('ffmpeg', quiet, { timeoutMs: TIMEOUT_MS, directory, signal: stop });
    }
  });
  return { cpuSeconds, seconds, ffmpegPeak: peak('ffmpeg'), rungs: runs.flatMap(({ makes }) => makes) };
}

async function wholeJob({ file }: Clip, quality: Quality): Promise<Measurement> {
  const { cpuSeconds, seconds, peak } = await mainJob(file, quality);
  return { cpuSeconds, seconds, ffmpegPeak: peak('ffmpeg'), rungs: [] };
}
