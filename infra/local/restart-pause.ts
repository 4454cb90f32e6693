/** How long a process that died stays down before it is started again: short at first, longer each time it dies young. */

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** One that was up for so long was well; its next death is a first one again. */
const WELL_AFTER_MS = 30_000;

/** @param previousMs the pause before the life that just ended; undefined if it was the first. */
export function restartPause(previousMs: number | undefined, wasUpForMs: number): number {
  if (previousMs === undefined || wasUpForMs >= WELL_AFTER_MS) return FIRST_MS;
  return Math.min(previousMs * 2, LONGEST_MS);
}
