/** How long the renders of one try may take together: far beyond any machine that is not stuck. */

const TIME_LIMIT = { seconds: 600, perMediaSecond: 20 };
/** Taken when a file does not say how long it is. */
const UNKNOWN_DURATION_SECONDS = 3600;

export function timeLimitMs(durationSeconds = UNKNOWN_DURATION_SECONDS): number {
  return Math.round((TIME_LIMIT.seconds + TIME_LIMIT.perMediaSecond * durationSeconds) * 1000);
}
