/** Renders a video, or a recording of sound alone: probe ▸ plan ▸ command ▸ render ▸ verify. */
import { availableParallelism } from 'node:os';
import { FileFault } from '../../../shared/errors.ts';
import { ladder } from '../ladder.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import { demuxerFor } from './demuxer.ts';
import { CUT_OFF, refusedFormat } from './fault.ts';
import { makePlaylists } from './hls/make-playlists.ts';
import { withFieldsSeen } from './look-for-fields.ts';
import { measured } from './measure.ts';
import { type LeftBehind, openable } from './openable.ts';
import { planFor } from './plan.ts';
import { makePoster } from './poster.ts';
import { renderRungs, renderSound } from './render-plan.ts';
import { rescueVideo } from './rescue.ts';
import { leftBehind } from './salvage.ts';
import { type Source, sourceOf } from './source.ts';
import { brokenSubtitles } from './subtitle-tracks.ts';
import { makeSubtitles } from './subtitles.ts';
import { timeLimitMs } from './time-limit.ts';
import { requireToneMapping } from './tone-mapping.ts';
import { warningOf } from './warning.ts';
import { isCutOff } from './whole/cut-off.ts';

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
  { source: original, directory, settings, signal, onProgress, log }: Assignment,
  demuxers: readonly string[],
  threads: number,
): Promise<Rendering> {
  const opened = await openable(original, demuxers, { directory, lenient: false }, signal);
  const { file } = opened;
  if (await isCutOff(original, demuxers)) throw new FileFault(CUT_OFF);
  const paced = await measured(sourceOf(opened.probed), file, demuxers, signal);
  const source = await withFieldsSeen(paced, file, demuxers, signal);
  requireMainTracks(opened.leftBehind, source);
  const plan = planFor(source, { ladder, quality: settings.quality });
  if (plan.kind === 'video' && plan.colour.range !== 'sdr') await requireToneMapping(signal);

  log.debug({ source, plan }, 'planned');
  const circumstances = { file, demuxers, threads, lenient: false };
  const run = {
    directory,
    durationSeconds: source.durationSeconds,
    timeoutMs: timeLimitMs(source.durationSeconds),
    signal,
    onProgress,
    log,
  };
  const left = [...opened.leftBehind.map((track) => leftBehind(track, source)), source.warning];
  if (plan.kind === 'audio') {
    return { kind: 'audio', variants: [await renderSound(plan, circumstances, run)], ...warningOf(left) };
  }
  const rungs = await renderRungs(plan, circumstances, run);
  const variants = rungs.map(({ variant }) => variant);
  const subtitles = await makeSubtitles(plan.subtitles, circumstances, directory, signal);
  const playlists = await makePlaylists(rungs, ladder.segmentFragments, directory);
  const poster = await makePoster(variants, directory, signal);
  return {
    kind: 'video',
    variants: [...variants, ...playlists, ...subtitles.variants, poster],
    ...warningOf([...left, brokenSubtitles(subtitles.broken)]),
  };
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
