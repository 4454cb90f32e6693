/**
 * The last try of a file that failed: what can be decoded of it, in the sizes that can be made, and a warning that says
 * what is missing. No limit is wider than for any other file: once the file is open, all that is decoded and rendered takes no
 * longer than one render may; opening and copying have limits of their own.
 */
import { FileFault } from '../../../shared/errors.ts';
import { ToolFailed } from '../../../shared/run-tool.ts';
import { ladder } from '../ladder.ts';
import type { Assignment, RenderedVariant, Rendering } from '../rendering.ts';
import { type Circumstances, commandFor } from './command.ts';
import { refusedFormat } from './fault.ts';
import { type Limits, mostBytes } from './limits.ts';
import { measured } from './measure.ts';
import { openable } from './openable.ts';
import type { Opening } from './opening.ts';
import { oneByOne, type Plan, planFor } from './plan.ts';
import { makePoster } from './poster.ts';
import { type RenderRun, render } from './render.ts';
import { inOne, leftBehind, missingRungs, salvage } from './salvage.ts';
import { sourceOf } from './source.ts';
import { survey } from './survey.ts';
import { timeLimitMs } from './time-limit.ts';
import { requireToneMapping } from './tone-mapping.ts';
import { requireEqualLengths, verify } from './verify.ts';

/** @throws as renderVideo does. */
export async function rescueVideo(
  { source: original, contentType, directory, settings, signal, onProgress, log }: Assignment,
  opening: Opening,
  threads: number,
  limits: Limits,
): Promise<Rendering> {
  const aim = { ladder, quality: settings.quality };
  const opened = await openable(original, opening, directory, signal);
  const { file } = opened;
  const circumstances = { file, opening, threads, lenient: true };
  const told = sourceOf(opened.probed, { lenient: true });
  // What is too long is refused before it is decoded.
  const counted = await measured(told, circumstances, limits, { directory, signal, log });
  // What is missing shows against what the file has told.
  const damaged = { ...counted, durationSeconds: told.durationSeconds ?? counted.durationSeconds };
  // A film is not its sound; a picture in a recording of sound may be left out.
  const picture = opened.leftBehind.find(({ kind }) => kind === 'picture')?.refused;
  if (picture !== undefined && damaged.kind === 'audio' && !contentType.startsWith('audio/'))
    throw refusedFormat(picture);

  const until = performance.now() + timeLimitMs(counted.durationSeconds);
  const run = (): RenderRun => {
    const timeoutMs = Math.max(1, Math.round(until - performance.now()));
    const { stallMs } = limits;
    return {
      directory,
      maxFileBytes: 0,
      durationSeconds: undefined,
      timeoutMs,
      stallMs,
      signal,
      onProgress: () => {},
      log,
    };
  };
  const source = salvage(damaged, await survey(damaged, circumstances, run));
  const plan = planFor(source, aim);
  if (plan.kind === 'video' && plan.colour.range === 'hdr') await requireToneMapping(signal);

  log.debug({ damaged, source, plan }, 'planned a rescue');
  const { variants, missing } = await renderWhatGoes(plan, circumstances, () => ({
    ...run(),
    durationSeconds: source.durationSeconds,
    onProgress,
  }));
  const poster = plan.kind === 'video' ? await posterIfPossible(variants, directory, signal) : [];
  const warning = inOne([
    ...opened.leftBehind.map((track) => leftBehind(track, source)),
    source.warning,
    missingRungs(missing),
    plan.kind === 'video' && poster.length === 0 && 'There is no poster.',
  ]);
  return { kind: plan.kind, variants: [...variants, ...poster], ...(warning !== undefined && { warning }) };
}

interface Rescued {
  /** From the smallest to the largest. */
  readonly variants: readonly RenderedVariant[];
  /** Names of the rungs that could not be made. */
  readonly missing: readonly string[];
}

/** All rungs at once in half of the time there is; if that fails, each by itself, the smallest first. */
async function renderWhatGoes(plan: Plan, circumstances: Circumstances, run: () => RenderRun): Promise<Rescued> {
  const rungs = oneByOne(plan);
  const whole = run();
  try {
    const timeoutMs = rungs.length > 0 ? Math.ceil(whole.timeoutMs / 2) : whole.timeoutMs;
    return { variants: await renderPlan(plan, circumstances, { ...whole, timeoutMs }), missing: [] };
  } catch (error) {
    if (!(rungs.length > 0 && smallerMayGo(error))) throw error;
    whole.log.warn({ err: error }, 'the rungs are rendered one by one');
  }
  const variants: RenderedVariant[] = [];
  const missing: string[] = [];
  let failure: unknown;
  for (const rung of rungs) {
    try {
      variants.push(...(await renderPlan(rung, circumstances, run())));
    } catch (error) {
      if (!smallerMayGo(error)) throw error;
      failure = error;
      missing.push(rung.rungs[0].name);
    }
  }
  if (variants.length === 0) throw failure;
  if (plan.kind === 'video') requireEqualLengths(plan, variants);
  return { variants, missing };
}

async function renderPlan(plan: Plan, circumstances: Circumstances, run: RenderRun): Promise<RenderedVariant[]> {
  await render(commandFor(plan, circumstances), { ...run, maxFileBytes: mostBytes(plan, run.durationSeconds) });
  return verify(plan, run.directory, run.signal);
}

async function posterIfPossible(
  variants: readonly RenderedVariant[],
  directory: string,
  signal: AbortSignal,
): Promise<RenderedVariant[]> {
  try {
    return [await makePoster(variants, directory, signal)];
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ToolFailed && error.end.trouble === 'no-space') throw error;
    return [];
  }
}

/** Whether less to encode may help: not when the disk is full, or ffmpeg was stopped or is missing. */
function smallerMayGo(error: unknown): boolean {
  return error instanceof FileFault || (error instanceof ToolFailed && error.end.trouble === 'no-memory');
}
