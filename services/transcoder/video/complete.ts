/** Makes a rendering of what was rendered and verified: with the subtitles, playlists and pictures that go with it. */
import { ladder } from '../ladder.ts';
import type { RenderedVariant, Rendering } from '../rendering.ts';
import type { Circumstances } from './command.ts';
import { makePlaylists } from './hls/make-playlists.ts';
import { makePictures, type PictureRun, type Pictures } from './pictures/make-pictures.ts';
import type { VideoPlan } from './plan.ts';
import { brokenSubtitles } from './subtitle-tracks.ts';
import { makeSubtitles } from './subtitles.ts';
import type { VerifiedRung } from './verify/verify-rung.ts';
import { warningOf } from './warning.ts';

export interface Completion {
  readonly directory: string;
  readonly signal: AbortSignal;
  /** What the owner is told already. */
  readonly told: readonly (string | undefined)[];
}

/**
 * @param rungs from the smallest to the largest.
 * @param circumstances where the subtitles are.
 * @throws as makePictures does; the system's errors.
 */
export async function completeVideo(
  rungs: readonly VerifiedRung[],
  plan: VideoPlan,
  circumstances: Circumstances,
  { directory, signal, told }: Completion,
): Promise<Rendering> {
  const variants = rungs.map(({ variant }) => variant);
  const subtitles = await makeSubtitles(plan.subtitles, circumstances, directory, signal);
  const playlists = await makePlaylists(rungs, subtitles.variants, ladder.segmentFragments, directory);
  const pictures = await makePictures(variants, picturesOf(circumstances, directory, signal));
  return {
    kind: 'video',
    variants: [...variants, ...playlists, ...subtitles.variants, ...pictures.variants],
    ...placeholderOf(pictures),
    ...warningOf([...told, brokenSubtitles(subtitles.broken), pictures.warning]),
  };
}

/** @throws as makePictures does. */
export async function completeSound(
  sound: RenderedVariant,
  circumstances: Circumstances,
  { directory, signal, told }: Completion,
): Promise<Rendering> {
  const pictures = await makePictures([sound], picturesOf(circumstances, directory, signal));
  return {
    kind: 'audio',
    variants: [sound, ...pictures.variants],
    ...placeholderOf(pictures),
    ...warningOf([...told, pictures.warning]),
  };
}

function picturesOf({ lenient, opening }: Circumstances, directory: string, signal: AbortSignal): PictureRun {
  return { directory, lenient, sandbox: opening.sandbox, signal };
}

function placeholderOf({ placeholder }: Pictures): Pick<Rendering, 'placeholder'> {
  return placeholder === undefined ? {} : { placeholder };
}
