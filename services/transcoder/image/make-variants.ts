/** The work on one picture from end to end: probe, plan, render, verify. It runs in the image process. */
import { availableParallelism } from 'node:os';
import pMap from 'p-map';
import type { RenderedVariant, Rendering } from '../rendering.ts';
import { hardenLibvips, type Original } from './libvips.ts';
import { writeFrames } from './movie-frames.ts';
import { type ImagePlan, type ImageSettings, isLarge, type PlannedImage, planImage, workOf } from './plan.ts';
import type { PlannedMovie } from './plan-movie.ts';
import { probe } from './probe.ts';
import { renderOutput } from './render.ts';
import { tidyJpeg } from './tidy-jpeg.ts';
import { verifyOutput } from './verify.ts';
import { isDrawn, makeWorkingCopy, placeholder, requireSomethingToSee } from './working-copy.ts';

export interface Made extends Pick<Rendering, 'variants' | 'placeholder' | 'warning'> {
  /** Its frames lie in the directory, to be made into a movie outside of this process. */
  readonly movie?: PlannedMovie;
}

/** What the image process is asked for. */
export interface ImageTask {
  readonly original: Original;
  /** Empty; for the outputs. */
  readonly directory: string;
  readonly settings: ImageSettings;
}

/** More at once would need more memory and, on two cores, gain nothing. */
const AT_ONCE = Math.min(2, availableParallelism());

/**
 * Writes all variants into the directory.
 * @param onProgress is told whole percents, up to 99.
 * @throws FileFault with a reason for the owner when it is damaged, too large or not the picture it claims to be.
 */
export async function makeVariants(
  { original: unknown, directory, settings }: ImageTask,
  onProgress: (percent: number) => void,
): Promise<Made> {
  hardenLibvips();
  const picture = await probe(unknown);
  await using tidied = await tidyJpeg(unknown, directory);
  const original = { ...unknown, source: tidied.source, leftInP3: picture.leftInP3 };
  const plan = planImage(picture, settings);
  const copy = await makeWorkingCopy(original, plan.workingCopy);
  // An animation may well begin with a black frame.
  if (original.lenient && picture.delays.length === 0) requireSomethingToSee(copy);
  const source = { copy, drawn: isDrawn(copy) };
  const progress = progressOf(plan, onProgress);
  const make = async (planned: PlannedImage): Promise<RenderedVariant> => {
    const bytes = await renderOutput(planned, original, source, directory);
    await verifyOutput(planned, bytes, directory);
    progress(planned);
    return variantOf(planned, bytes);
  };
  // The longest first, so that none is left to be made alone at the end.
  const longestFirst = plan.outputs.toSorted((a, b) => workOf(b) - workOf(a));
  const concurrency = plan.outputs.some(isLarge) ? 1 : AT_ONCE;
  const made = await pMap(longestFirst, make, { concurrency });
  const inOrder = plan.outputs.flatMap(({ file }) => made.filter((variant) => variant.file === file));
  if (plan.movie) await writeFrames(plan.movie, original, directory);
  return {
    variants: inOrder,
    ...(plan.movie && { movie: plan.movie }),
    placeholder: await placeholder(copy),
    ...(plan.warnings.length > 0 && { warning: plan.warnings.join(' ') }),
  };
}

function variantOf({ name, file, format, width, height, frames, durationMs }: PlannedImage, bytes: number) {
  const duration = frames > 1 && { durationSeconds: durationMs / 1000 };
  return { name, file, contentType: `image/${format}`, bytes, width, height, ...duration };
}

function progressOf({ outputs }: ImagePlan, onProgress: (percent: number) => void): (done: PlannedImage) => void {
  const whole = outputs.reduce((sum, output) => sum + workOf(output), 0);
  let done = 0;
  return (output) => {
    done += workOf(output);
    onProgress(Math.floor((99 * done) / whole));
  };
}
