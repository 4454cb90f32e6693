/** Whether players can change from one rung to another in the middle: keyframes fall together on all. Pure. */
import { FileFault } from '../../../../shared/errors.ts';
import { MISRENDERED } from '../fault.ts';
import type { FragmentedFile } from '../hls/fragments.ts';

/** Frames lie on one grid, so that times which should be equal differ by rounding at most. */
const ROUNDING_SECONDS = 0.002;

/** @throws FileFault when the fragments of the rungs, each of which begins with a keyframe, are not equally long. */
export function requireAligned(indexes: readonly FragmentedFile[]): void {
  const [first, ...others] = indexes.map(({ fragments }) => fragments.map(({ seconds }) => seconds));
  for (const other of others) {
    const equal =
      first?.length === other.length &&
      first.every((seconds, index) => Math.abs(seconds - (other[index] ?? 0)) <= ROUNDING_SECONDS);
    if (!equal)
      throw new FileFault(MISRENDERED, `the rungs are not aligned: ${first?.join(' ')} and ${other.join(' ')}`);
  }
}
