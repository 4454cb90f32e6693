/** This pipeline's render, and what it is compared with: the bare ffmpeg command that it runs, and a process for each rung. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ladder, type Quality } from '../../../services/transcoder/ladder.ts';
import { type Command, commandFor } from '../../../services/transcoder/video/command.ts';
import { look } from '../../../services/transcoder/video/look.ts';
import { measured as withLength } from '../../../services/transcoder/video/measure.ts';
import { oneByOne, planFor, type VideoPlan } from '../../../services/transcoder/video/plan.ts';
import { probe } from '../../../services/transcoder/video/probe.ts';
import { sourceOf } from '../../../services/transcoder/video/source.ts';
import { runTool } from '../../../shared/run-tool.ts';
import type { FfmpegRun, RungFile } from './contender.ts';
import type { Took } from './render-process.ts';

const TIMEOUT_MS = 3_600_000;
const DEMUXERS = ['mov'];

/** Runs services/transcoder/video/render-video.ts. */
export async function renderByUs(file: string, directory: string, quality: Quality, stop: AbortSignal): Promise<Took> {
  const script = join(import.meta.dirname, 'render-process.ts');
  const output = await runTool(process.execPath, [script, file, directory, quality], {
    timeoutMs: TIMEOUT_MS,
    signal: stop,
  });
  return JSON.parse(output) as Took;
}

/** The command of the render, to be run bare. */
export async function bare(file: string, quality: Quality, stop: AbortSignal): Promise<FfmpegRun[]> {
  return [runOf(await planOf(file, quality, stop), file)];
}

/** The same rungs with the same settings, each by an ffmpeg of its own, as most projects do it. */
export async function eachAlone(file: string, quality: Quality, stop: AbortSignal): Promise<FfmpegRun[]> {
  return oneByOne(await planOf(file, quality, stop)).map((plan) => runOf(plan, file));
}

export function rungFiles(files: Took['files']): RungFile[] {
  return files.flatMap(({ name, file }) => {
    const [, lines] = /^(\d+)p$/.exec(name) ?? [];
    return lines === undefined ? [] : [{ lines: Number(lines), file }];
  });
}

async function planOf(file: string, quality: Quality, stop: AbortSignal): Promise<VideoPlan> {
  const source = await withLength(sourceOf(await probe(file, DEMUXERS, stop)), file, DEMUXERS, stop);
  const plan = planFor(source, { ladder, quality, content: await look(source, file, DEMUXERS, stop) });
  if (plan.kind === 'audio') throw new Error(`${file} has no picture`);
  return plan;
}

function runOf(plan: VideoPlan, file: string): FfmpegRun {
  const threads = availableParallelism();
  return {
    args: argumentsOf(commandFor(plan, { file, demuxers: DEMUXERS, threads, lenient: false })),
    makes: rungFiles(plan.rungs),
  };
}

function argumentsOf({ inputOptions, input, graph, outputs }: Command): string[] {
  return [
    ...['-y', ...inputOptions, '-i', input],
    ...(graph === undefined ? [] : ['-filter_complex', graph]),
    ...outputs.flatMap(({ options, file }) => [...options, file]),
  ];
}
