/** This pipeline's render, and what it is compared with: the bare ffmpeg command that it runs, and a process for each rung. */
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_OPTIONS } from '../../../infra/local/service-command.ts';
import { ladder, type Quality } from '../../../services/transcoder/ladder.ts';
import { NO_SANDBOX } from '../../../services/transcoder/sandbox.ts';
import { type Circumstances, type Command, commandFor } from '../../../services/transcoder/video/command.ts';
import { LIMITS } from '../../../services/transcoder/video/limits.ts';
import { look } from '../../../services/transcoder/video/look.ts';
import { ourOwn } from '../../../services/transcoder/video/opening.ts';
import { oneByOne, planFor, type VideoPlan } from '../../../services/transcoder/video/plan.ts';
import { probe } from '../../../services/transcoder/video/probe.ts';
import { seen } from '../../../services/transcoder/video/seen.ts';
import { sourceOf } from '../../../services/transcoder/video/source.ts';
import { createLogger } from '../../../shared/logger.ts';
import { runTool } from '../../../shared/run-tool.ts';
import type { FfmpegRun, RungFile } from './contender.ts';
import type { Took } from './render-process.ts';

const TIMEOUT_MS = 3_600_000;

/** Runs services/transcoder/video/render-video.ts. */
export async function renderByUs(file: string, directory: string, quality: Quality, stop: AbortSignal): Promise<Took> {
  const script = join(import.meta.dirname, 'render-process.ts');
  const output = await runTool(process.execPath, [...NODE_OPTIONS.transcoder, script, file, directory, quality], {
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

/** Its playlist has a rung's name too. */
export function rungFiles(files: Took['files']): RungFile[] {
  return files.flatMap(({ file }) => {
    const [, lines] = /^(\d+)p\.mp4$/.exec(file) ?? [];
    return lines === undefined ? [] : [{ lines: Number(lines), file }];
  });
}

async function planOf(file: string, quality: Quality, stop: AbortSignal): Promise<VideoPlan> {
  const circumstances = circumstancesOf(file);
  const run = { directory: tmpdir(), signal: stop, log: createLogger('bench', { logLevel: 'silent' }) };
  const source = await seen(sourceOf(await probe(file, circumstances.opening, stop)), circumstances, LIMITS, run);
  const plan = planFor(source, { ladder, quality, content: await look(source, circumstances, stop) });
  if (plan.kind === 'audio') throw new Error(`${file} has no picture`);
  return plan;
}

/** Without a sandbox: it is measured what ffmpeg takes. */
function circumstancesOf(file: string): Circumstances {
  return { file, opening: ourOwn('mov', NO_SANDBOX), threads: availableParallelism(), lenient: false };
}

function runOf(plan: VideoPlan, file: string): FfmpegRun {
  return {
    args: argumentsOf(commandFor(plan, circumstancesOf(file))),
    makes: rungFiles(plan.rungs),
  };
}

function argumentsOf({ inputOptions, input, graph, outputs }: Command): string[] {
  return [
    ...['-y', ...inputOptions, '-i', `file:${input}`],
    ...(graph === undefined ? [] : ['-filter_complex', graph]),
    ...outputs.flatMap(({ options, file }) => [...options, file]),
  ];
}
