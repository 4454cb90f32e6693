/** How long an output may be. */
import { FileFault } from '../../../../shared/errors.ts';
import { LIMITS, requireLength } from '../limits.ts';

/** @returns the seconds, to the millisecond. @throws FileFault when there are none, or more than are accepted. */
export function playable(seconds: number): number {
  if (!(seconds > 0)) throw new FileFault('There is nothing to play in this file.');
  requireLength(seconds, LIMITS);
  return Math.round(seconds * 1000) / 1000;
}
