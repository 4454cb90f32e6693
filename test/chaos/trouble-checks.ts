/** That the run had the trouble that it was to have. */
import type { Check } from './check.ts';
import type { Observation } from './observation.ts';
import type { Plan } from './plan.ts';

export function killsDelivered(
  { kills: planned }: Pick<Plan, 'kills'>,
  { trouble: { kills } }: Pick<Observation, 'trouble'>,
): Check {
  const busy = kills.filter((kill) => kill.busy).length;
  const meant = planned.filter(({ who }) => who === 'busy').length;
  const wrong = [
    ...(kills.length < planned.length ? [`${planned.length - kills.length} more were planned`] : []),
    ...(busy < meant ? [`${meant - busy} more were to hit a busy transcoder`] : []),
  ];
  return { name: `kills delivered, ${busy} of them to a busy transcoder`, count: kills.length, wrong };
}

export function outagesDelivered(
  { outages: planned }: Pick<Plan, 'outages'>,
  { trouble: { outages } }: Pick<Observation, 'trouble'>,
): Check {
  const delivered = new Set(outages.filter(({ to }) => Number.isFinite(to)).map(({ what }) => what));
  const wrong = planned.filter(({ what }) => !delivered.has(what)).map(({ what }) => `${what}: never`);
  return { name: 'outages delivered', count: outages.length, wrong };
}
