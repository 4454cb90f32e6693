/** What must hold after any run. Pure: over what was observed. */
import type { Check } from './check.ts';
import { everyMailOnce, operatorWasTold } from './mail-checks.ts';
import type { Observation } from './observation.ts';
import { acceptedInOrder, renderedInOrder, startedInOrder, withinTheBudget } from './order-checks.ts';
import type { Content, Plan } from './plan.ts';
import { manifestsAreTrue, sameAsUndisturbed, undisturbedAsMeant } from './result-checks.ts';
import type { Result } from './results.ts';
import { nothingHalf, nothingLeft, recoveredWhole, storeIsExact } from './store-checks.ts';
import { killsDelivered, outagesDelivered } from './trouble-checks.ts';
import { acknowledgedAreSettled, sentAreAcknowledged } from './upload-checks.ts';

/** @param undisturbed what comes of each content when nothing goes wrong. */
export function checksOf(plan: Plan, seen: Observation, undisturbed: ReadonlyMap<Content, Result>): Check[] {
  return [
    sentAreAcknowledged(seen),
    acknowledgedAreSettled(seen),
    acceptedInOrder(seen),
    startedInOrder(seen),
    renderedInOrder(seen),
    withinTheBudget(seen),
    everyMailOnce(seen),
    operatorWasTold(seen),
    undisturbedAsMeant(undisturbed),
    sameAsUndisturbed(seen, undisturbed),
    manifestsAreTrue(seen),
    storeIsExact(seen),
    nothingHalf(seen),
    nothingLeft(seen),
    recoveredWhole(seen),
    killsDelivered(plan, seen),
    outagesDelivered(plan, seen),
  ];
}
