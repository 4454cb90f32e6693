/** The work on one picture from end to end: probe, plan, render, verify. It runs in the image process. */
import { FileFault } from '../../../shared/errors.ts';
import type { Rendering } from '../rendering.ts';
import { hardenLibvips, type Original } from './libvips.ts';
import { planImage, shareDone } from './plan.ts';
import { probe } from './probe.ts';
import { makeWorkingCopy, renderOutput, type WorkingCopy } from './render.ts';
import { verifyOutput } from './verify.ts';

export type Made = Pick<Rendering, 'variants' | 'warning'>;

/**
 * Writes all variants into the directory.
 * @param onProgress is told whole percents, up to 99.
 * @throws FileFault with a reason for the owner when it is damaged, too large or not the picture it claims to be.
 */
export async function makeVariants(
  original: Original,
  directory: string,
  onProgress: (percent: number) => void,
): Promise<Made> {
  hardenLibvips();
  const plan = planImage(await probe(original));
  const workingCopy = await makeWorkingCopy(original, plan.workingCopy);
  if (original.lenient) requireSomethingToSee(workingCopy);
  const variants: Made['variants'][number][] = [];
  for (const planned of plan.outputs) {
    const bytes = await renderOutput(planned, original, workingCopy, directory);
    await verifyOutput(planned, bytes, directory);
    const { name, file, format, width, height, frames, durationMs } = planned;
    const duration = frames > 1 && { durationSeconds: durationMs / 1000 };
    variants.push({ name, file, contentType: `image/${format}`, bytes, width, height, ...duration });
    onProgress(Math.floor(99 * shareDone(plan, variants.length)));
  }
  return { variants, ...(plan.warnings.length > 0 && { warning: plan.warnings.join(' ') }) };
}

/** What a lenient decoder could not read is of one colour. */
function requireSomethingToSee({ data, info: { channels } }: WorkingCopy): void {
  if (data.some((value, index) => value !== data[index % channels])) return;
  throw new FileFault('The picture is damaged: nothing of it can be read.');
}
