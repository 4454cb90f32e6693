/** How long an output may be. */
import { FileFault } from '../../../../shared/errors.ts';
import { MAX_SECONDS, TOO_LONG } from '../plan.ts';

export const MISRENDERED = 'The file did not come out right. Please export it again as MP4 (H.264 and AAC).';

/** @returns the seconds, to the millisecond. @throws FileFault when there are none, or more than are accepted. */
export function playable(seconds: number): number {
  if (!(seconds > 0)) throw new FileFault('There is nothing to play in this file.');
  if (seconds > MAX_SECONDS) throw new FileFault(TOO_LONG);
  return Math.round(seconds * 1000) / 1000;
}
