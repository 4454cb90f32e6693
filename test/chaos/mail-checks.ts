/** That everybody is told, and once. */
import type { Check } from './check.ts';
import type { Observation, SeenMail } from './observation.ts';
import type { Trouble } from './trouble.ts';

type Seen = Pick<Observation, 'batches' | 'mails' | 'trouble'>;

/** One Message-ID for each mail that was due, and nothing else; none twice but where a process may have died over it. */
export function everyMailOnce({ batches, mails, trouble }: Seen): Check {
  const byId = Map.groupBy(mails, ({ messageId }) => messageId);
  const aboutBatch = (batch: string) => [...byId.keys()].filter((id) => id.includes(batch));
  const repeats = [...byId.values()].flatMap((same) =>
    same.slice(1).map((mail, index) => [same[index], mail] as const),
  );
  const wrong = [
    ...batches
      .filter((batch) => aboutBatch(batch).length !== 1)
      .map((batch) => `batch ${batch} has ${aboutBatch(batch).length} mails`),
    ...[...byId.keys()]
      .filter((id) => !id.startsWith('<alert-') && !batches.some((batch) => id.includes(batch)))
      .map((id) => `${id} was not due`),
    ...repeats
      .filter(([first]) => first && !mayBeRepeated(first, trouble))
      .map(([, { messageId }]) => `${messageId} was sent twice, and nothing died when it was sent first`),
  ];
  return { name: `one mail each that was due (${repeats.length} repeated)`, count: byId.size, wrong };
}

/** Clocks of files and processes, and the time until a killed process is gone. */
const SLACK_MS = 250;
/** From the server's 250 to the mark in Redis, on a machine that has much else to do. */
const MARKED_WITHIN_MS = 3_000;

/** Whether something happened when it was sent that hides from us whether the server took it. */
function mayBeRepeated({ at }: SeenMail, { kills, outages }: Trouble): boolean {
  const hides = (from: number, to: number) => to >= at - SLACK_MS && from <= at + MARKED_WITHIN_MS;
  return (
    kills.some(({ who, at: killedAt }) => (who === 'notification' || who === 'redis') && hides(killedAt, killedAt)) ||
    outages.some(({ what, from, to }) => what !== 'storage' && what !== 'partition' && hides(from, to))
  );
}

/** Each failure in one alert, which may have come twice. */
export function operatorWasTold({
  uploads,
  mails,
  operator,
}: Pick<Observation, 'mails' | 'operator' | 'uploads'>): Check {
  const alerts = mails.filter(({ to }) => to.includes(operator));
  const failed = uploads.filter(({ state }) => state === 'failed');
  const wrong = failed.flatMap(({ id, name }) => {
    const told = new Set(alerts.filter(({ text }) => text.includes(id)).map(({ messageId }) => messageId));
    return told.size === 1 ? [] : [`${told.size} alerts tell of ${name}`];
  });
  return { name: 'the operator was told of each failure in one alert', count: failed.length, wrong };
}
