/** Renders a video, or a recording of sound alone: probe ▸ plan ▸ command ▸ render ▸ verify. */
import { availableParallelism } from 'node:os';
import { FileFault } from '../../../shared/errors.ts';
import { ladder } from '../ladder.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import { commandFor } from './command.ts';
import { demuxerFor } from './demuxer.ts';
import { measured } from './measure.ts';
import { makePictures } from './pictures/make-pictures.ts';
import { planFor } from './plan.ts';
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
export async function renderVideo(assignment: Assignment): Promise<Rendering> {
  const { contentType, lenient } = assignment;
  const demuxers = demuxerFor(contentType);
  if (!demuxers) throw new FileFault(`Files of type ${contentType} cannot be rendered as video or sound.`);
  const threads = Math.min(MAX_THREADS, availableParallelism());
  return lenient ? rescueVideo(assignment, demuxers, threads) : renderWhole(assignment, demuxers, threads);
}

async function renderWhole(
  { source: file, directory, settings, signal, onProgress, log }: Assignment,
  demuxers: readonly string[],
  threads: number,
): Promise<Rendering> {
  const source = await measured(sourceOf(await probe(file, demuxers, signal)), file, demuxers, signal);
  const plan = planFor(source, { ladder, quality: settings.quality });
  if (plan.kind === 'video' && plan.colour.range === 'hdr') await requireToneMapping(signal);

  log.debug({ source, plan }, 'planned');
  await render(commandFor(plan, { file, demuxers, threads, lenient: false }), {
    directory,
    durationSeconds: source.durationSeconds,
    timeoutMs: timeLimitMs(source.durationSeconds),
    signal,
    onProgress,
    log,
  });
  const variants = await verify(plan, directory, signal);
  const pictures = await makePictures(variants, { directory, lenient: false, signal });
  return {
    kind: plan.kind,
    variants: [...variants, ...pictures.variants],
    ...(source.warning !== undefined && { warning: source.warning }),
  };
}
