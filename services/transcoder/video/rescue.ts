/**
 * The last try of a file that failed: what can be decoded of it, in the sizes that can be made, and a warning that says
 * what is missing. No limit is wider than for any other file: once the file is open, all that is decoded and rendered takes no
 * longer than one render may; opening and copying have limits of their own.
 */
import { FileFault } from '../../../shared/errors.ts';
import { ToolFailed } from '../../../shared/run-tool.ts';
import { ladder } from '../ladder.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import type { Circumstances } from './command.ts';
import { completeSound, completeVideo } from './complete.ts';
import { refusedFormat } from './fault.ts';
import type { Limits } from './limits.ts';
import { openable } from './openable.ts';
import type { Opening } from './opening.ts';
import { oneByOne, planFor, type VideoPlan } from './plan.ts';
import type { RenderRun } from './render.ts';
import { renderRungs, renderSound } from './render-plan.ts';
import { leftBehind, missingRungs, salvage } from './salvage.ts';
import { seen } from './seen.ts';
import { sourceOf } from './source.ts';
import { survey } from './survey.ts';
import { timeLimitMs } from './time-limit.ts';
import { requireToneMapping } from './tone-mapping.ts';
import { requireAligned } from './verify/aligned.ts';
import type { VerifiedRung } from './verify/verify-rung.ts';
import { isCutOff } from './whole/cut-off.ts';

/** @throws as renderVideo does. */
export async function rescueVideo(
  { source: original, contentType, directory, settings, signal, onProgress, log }: Assignment,
  opening: Opening,
  threads: number,
  limits: Limits,
): Promise<Rendering> {
  // The packets of a damaged file say nothing sure.
  const aim = { ladder, quality: settings.quality, content: 'moving' } as const;
  const opened = await openable(original, opening, { directory, lenient: true }, signal);
  const { file } = opened;
  const circumstances = { file, opening, threads, lenient: true };
  const announced = sourceOf(opened.probed, { lenient: true });
  // What is too long is refused before it is decoded.
  const counted = await seen(announced, circumstances, limits, { directory, signal, log });
  // What is missing shows against what the file has told.
  const damaged = { ...counted, durationSeconds: announced.durationSeconds ?? counted.durationSeconds };
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
  const survived = await survey(damaged, circumstances, run);
  const source = salvage(damaged, survived, await isCutOff(original, opening.demuxers));
  const plan = planFor(source, aim);
  if (plan.kind === 'video' && plan.colour.range !== 'sdr') await requireToneMapping(signal);

  log.debug({ damaged, source, plan }, 'planned a rescue');
  const renderRun = () => ({ ...run(), durationSeconds: source.durationSeconds, onProgress });
  const told = [...opened.leftBehind.map((track) => leftBehind(track, source)), source.warning];
  if (plan.kind === 'audio') {
    const sound = await renderSound(plan, circumstances, renderRun());
    return completeSound(sound, circumstances, { directory, signal, told });
  }
  const { rungs, missing } = await renderWhatGoes(plan, circumstances, renderRun);
  return completeVideo(rungs, plan, circumstances, { directory, signal, told: [...told, missingRungs(missing)] });
}

interface Rescued {
  /** From the smallest to the largest. */
  readonly rungs: readonly VerifiedRung[];
  /** Names of the rungs that could not be made. */
  readonly missing: readonly string[];
}

/** All rungs at once in half of the time there is; if that fails, each by itself, the smallest first. */
async function renderWhatGoes(plan: VideoPlan, circumstances: Circumstances, run: () => RenderRun): Promise<Rescued> {
  const alone = oneByOne(plan);
  const whole = run();
  try {
    const timeoutMs = alone.length > 0 ? Math.ceil(whole.timeoutMs / 2) : whole.timeoutMs;
    return { rungs: await renderRungs(plan, circumstances, { ...whole, timeoutMs }), missing: [] };
  } catch (error) {
    if (!(alone.length > 0 && smallerMayGo(error))) throw error;
    whole.log.warn({ err: error }, 'the rungs are rendered one by one');
  }
  const rungs: VerifiedRung[] = [];
  const missing: string[] = [];
  let failure: unknown;
  for (const rung of alone) {
    try {
      rungs.push(...(await renderRungs(rung, circumstances, run())));
    } catch (error) {
      if (!smallerMayGo(error)) throw error;
      failure = error;
      missing.push(rung.rungs[0].name);
    }
  }
  if (rungs.length === 0) throw failure;
  requireAligned(rungs.map(({ index }) => index));
  return { rungs, missing };
}

/** Whether less to encode may help: not when the disk is full, or ffmpeg was stopped or is missing. */
function smallerMayGo(error: unknown): boolean {
  return error instanceof FileFault || (error instanceof ToolFailed && error.end.trouble === 'no-memory');
}
