/** Whether a target was reached, where the rounds allow to say so. Pure. */
import { median, quantile } from '../statistics.ts';

const FEWEST_ROUNDS = 3;

/** Rounds that lie on both sides of the target say something as long as their middle half is no wider than this. */
const CLOSE = 0.1;

export type Verdict = 'met' | 'missed' | 'too few rounds' | 'the rounds disagree';

/** @param ratio by medians. @param ratios one of each round. */
export function judge(target: number, ratio: number, ratios: readonly number[]): Verdict {
  if (ratios.length < FEWEST_ROUNDS) return 'too few rounds';
  const [low, high] = [quantile(ratios, 0.25), quantile(ratios, 0.75)];
  const onBothSides = Math.min(low, ratio) < target && Math.max(high, ratio) >= target;
  if (onBothSides && high - low > CLOSE * median(ratios)) return 'the rounds disagree';
  return ratio >= target ? 'met' : 'missed';
}
