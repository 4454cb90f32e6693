/** Renders a video, or a recording of sound alone: probe ▸ plan ▸ command ▸ render ▸ verify. */
import { availableParallelism } from 'node:os';
import { FileFault } from '../../../shared/errors.ts';
import { ladder } from '../ladder.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import { commandFor } from './command.ts';
import { demuxerFor } from './demuxer.ts';
import { LIMITS, type Limits, mostBytes } from './limits.ts';
import { measured } from './measure.ts';
import type { Opening } from './opening.ts';
import { planFor } from './plan.ts';
import { makePoster } from './poster.ts';
import { probe } from './probe.ts';
import { render } from './render.ts';
import { rescueVideo } from './rescue.ts';
import { sourceOf } from './source.ts';
import { timeLimitMs } from './time-limit.ts';
import { requireToneMapping } from './tone-mapping.ts';
import { verify } from './verify.ts';

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
  { source: file, directory, settings, signal, onProgress, log }: Assignment,
  opening: Opening,
  threads: number,
  limits: Limits,
): Promise<Rendering> {
  const circumstances = { file, opening, threads, lenient: false };
  const found = sourceOf(await probe(file, opening, signal));
  const source = await measured(found, circumstances, limits, { directory, signal, log });
  const plan = planFor(source, { ladder, quality: settings.quality });
  if (plan.kind === 'video' && plan.colour.range === 'hdr') await requireToneMapping(signal);

  log.debug({ source, plan }, 'planned');
  await render(commandFor(plan, circumstances), {
    directory,
    durationSeconds: source.durationSeconds,
    timeoutMs: timeLimitMs(source.durationSeconds),
    stallMs: limits.stallMs,
    maxFileBytes: mostBytes(plan, source.durationSeconds),
    signal,
    onProgress,
    log,
  });
  const variants = await verify(plan, directory, signal);
  const poster = plan.kind === 'video' ? [await makePoster(variants, directory, signal)] : [];
  return {
    kind: plan.kind,
    variants: [...variants, ...poster],
    ...(source.warning !== undefined && { warning: source.warning }),
  };
}
