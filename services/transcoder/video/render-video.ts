/** Renders a video, or a recording of sound alone: probe ▸ plan ▸ command ▸ render ▸ verify. */
import { availableParallelism } from 'node:os';
import { FileFault } from '../../../shared/errors.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import { commandFor } from './command.ts';
import { demuxerFor } from './demuxer.ts';
import { planFor } from './plan.ts';
import { makePoster } from './poster.ts';
import { lastPacketTime, probe } from './probe.ts';
import { render } from './render.ts';
import { type Source, sourceOf } from './source.ts';
import { requireToneMapping } from './tone-mapping.ts';
import { verify } from './verify.ts';

/** More threads gain little time and cost quality. */
const MAX_THREADS = 8;

/** A render may take this long, and so much longer for each second of media: far beyond any machine that is not stuck. */
const TIME_LIMIT = { seconds: 600, perMediaSecond: 20 };
/** Taken for the limit when a file does not say how long it is. */
const UNKNOWN_DURATION_SECONDS = 3600;

/**
 * @throws FileFault when the file cannot be rendered, the signal's reason when aborted, anything else when the machine
 * is at fault.
 */
export async function renderVideo(assignment: Assignment): Promise<Rendering> {
  const { source: file, contentType, directory, signal, onProgress, log } = assignment;
  const demuxers = demuxerFor(contentType);
  if (!demuxers) throw new FileFault(`Files of type ${contentType} cannot be rendered as video or sound.`);

  const source = await read(file, demuxers, signal);
  const plan = planFor(source);
  if (plan.kind === 'video' && plan.colour.range === 'hdr') await requireToneMapping(signal);

  log.debug({ source, plan }, 'planned');
  await render(commandFor(plan, { file, demuxers, threads: Math.min(MAX_THREADS, availableParallelism()) }), {
    directory,
    durationSeconds: source.durationSeconds,
    timeoutMs: timeLimitMs(source.durationSeconds),
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

/** Files that do not say how long they are, as browsers record them, are measured. */
async function read(file: string, demuxers: readonly string[], signal: AbortSignal): Promise<Source> {
  const source = sourceOf(await probe(file, demuxers, signal));
  if (source.durationSeconds !== undefined) return source;
  const track = source.kind === 'video' ? source.video : source.audio;
  return { ...source, durationSeconds: await lastPacketTime(file, demuxers, track.index, signal) };
}

function timeLimitMs(durationSeconds = UNKNOWN_DURATION_SECONDS): number {
  return Math.round((TIME_LIMIT.seconds + TIME_LIMIT.perMediaSecond * durationSeconds) * 1000);
}
