/** Renders a video, or a recording of sound alone: probe ▸ plan ▸ command ▸ render ▸ verify. */
import { availableParallelism } from 'node:os';
import { FileFault } from '../../../shared/errors.ts';
import { ladder } from '../ladder.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import { completeSound, completeVideo } from './complete.ts';
import { demuxerFor } from './demuxer.ts';
import { CUT_OFF, refusedFormat } from './fault.ts';
import { LIMITS, type Limits } from './limits.ts';
import { look } from './look.ts';
import { type LeftBehind, openable } from './openable.ts';
import type { Opening } from './opening.ts';
import { planFor } from './plan.ts';
import { renderRungs, renderSound } from './render-plan.ts';
import { rescueVideo } from './rescue.ts';
import { leftBehind } from './salvage.ts';
import { seen } from './seen.ts';
import { type Source, sourceOf } from './source.ts';
import { timeLimitMs } from './time-limit.ts';
import { requireToneMapping } from './tone-mapping.ts';
import { isCutOff } from './whole/cut-off.ts';

/** More threads gain little time and cost quality. */
const MAX_THREADS = 8;

/**
 * @throws FileFault when the file cannot be rendered, the signal's reason when aborted, anything else when the machine
 * is at fault.
 */
export async function renderVideo(assignment: Assignment, limits: Limits = LIMITS): Promise<Rendering> {
  const { contentType, lenient, settings } = assignment;
  const demuxers = demuxerFor(contentType);
  if (!demuxers) throw new FileFault(`Files of type ${contentType} cannot be rendered as video or sound.`);
  const threads = Math.min(MAX_THREADS, availableParallelism());
  const opening = { demuxers, sandbox: settings.sandbox };
  return lenient
    ? rescueVideo(assignment, opening, threads, limits)
    : renderWhole(assignment, opening, threads, limits);
}

async function renderWhole(
  { source: original, directory, settings, signal, onProgress, log }: Assignment,
  opening: Opening,
  threads: number,
  limits: Limits,
): Promise<Rendering> {
  const opened = await openable(original, opening, { directory, lenient: false }, signal);
  const { file } = opened;
  if (await isCutOff(original, opening.demuxers)) throw new FileFault(CUT_OFF);
  const circumstances = { file, opening, threads, lenient: false };
  const source = await seen(sourceOf(opened.probed), circumstances, limits, { directory, signal, log });
  requireMainTracks(opened.leftBehind, source);
  const content = await look(source, circumstances, signal);
  const plan = planFor(source, { ladder, quality: settings.quality, content });
  if (plan.kind === 'video' && plan.colour.range !== 'sdr') await requireToneMapping(signal);

  log.debug({ source, content, plan }, 'planned');
  const run = {
    directory,
    durationSeconds: source.durationSeconds,
    timeoutMs: timeLimitMs(source.durationSeconds),
    stallMs: limits.stallMs,
    signal,
    onProgress,
    log,
  };
  const told = [...opened.leftBehind.map((track) => leftBehind(track, source)), source.warning];
  const completion = { directory, signal, told };
  if (plan.kind === 'audio') {
    return completeSound(await renderSound(plan, circumstances, run), circumstances, completion);
  }
  return completeVideo(await renderRungs(plan, circumstances, run), plan, circumstances, completion);
}

/** One track too many may be left behind, but a film is not its sound, and not silent. */
function requireMainTracks(left: readonly LeftBehind[], source: Source): void {
  const lacks = {
    picture: source.kind === 'audio',
    sound: source.kind === 'video' && source.audio === undefined,
  };
  const missing = left.find(({ kind }) => kind !== undefined && lacks[kind]);
  if (missing?.refused !== undefined) throw refusedFormat(missing.refused);
}
