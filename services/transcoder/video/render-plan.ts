/** Renders a plan, and looks at all that came out of it. */
import type { RenderedVariant } from '../rendering.ts';
import { type Circumstances, commandFor } from './command.ts';
import { mostBytes } from './limits.ts';
import type { AudioPlan, VideoPlan } from './plan.ts';
import { type RenderRun, render } from './render.ts';
import { requireAligned } from './verify/aligned.ts';
import { type VerifiedRung, verifyRung } from './verify/verify-rung.ts';
import { verifySound } from './verify/verify-sound.ts';

/**
 * @returns its rungs from the smallest to the largest.
 * @throws as render and verifyRung do.
 */
export async function renderRungs(
  plan: VideoPlan,
  circumstances: Circumstances,
  run: Omit<RenderRun, 'maxFileBytes'>,
): Promise<VerifiedRung[]> {
  await render(commandFor(plan, circumstances), { ...run, maxFileBytes: mostBytes(plan, run.durationSeconds) });
  const { sandbox } = circumstances.opening;
  const rungs: VerifiedRung[] = [];
  for (const rung of plan.rungs.toReversed()) {
    rungs.push(await verifyRung(plan, rung, run.directory, sandbox, run.signal));
  }
  requireAligned(rungs.map(({ index }) => index));
  return rungs;
}

/** @throws as render and verifySound do. */
export async function renderSound(
  plan: AudioPlan,
  circumstances: Circumstances,
  run: Omit<RenderRun, 'maxFileBytes'>,
): Promise<RenderedVariant> {
  await render(commandFor(plan, circumstances), { ...run, maxFileBytes: mostBytes(plan, run.durationSeconds) });
  return verifySound(plan, run.directory, circumstances.opening.sandbox, run.signal);
}
