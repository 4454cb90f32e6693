/** What must hold after any run. Pure: over what was observed. */
import type { Observation, Result, SeenMail } from './observation.ts';
import type { Content } from './plan.ts';
import type { Trouble } from './trouble.ts';

export interface Check {
  readonly name: string;
  /** How many things were looked at. */
  readonly count: number;
  /** What is wrong; empty when it holds. */
  readonly wrong: readonly string[];
}

/** @param undisturbed what comes of each content when nothing goes wrong. */
export function checksOf(seen: Observation, undisturbed: ReadonlyMap<Content, Result>): Check[] {
  return [
    acknowledgedAreSettled(seen),
    startedInOrder(seen),
    renderedInOrder(seen),
    withinTheBudget(seen),
    oneMailEach(seen),
    operatorWasTold(seen),
    sameAsUndisturbed(seen, undisturbed),
    nothingLeft(seen),
  ];
}

function acknowledgedAreSettled({ acknowledged, uploads }: Observation): Check {
  const states = new Map(uploads.map(({ id, state }) => [id, state]));
  const known = new Set(acknowledged.map(({ upload }) => upload));
  return {
    name: 'acknowledged = settled, each once',
    count: acknowledged.length,
    wrong: [
      ...acknowledged
        .filter(({ upload }) => !['ready', 'failed'].includes(states.get(upload) ?? ''))
        .map(({ upload, file }) => `${file.name} (${upload}) is ${states.get(upload) ?? 'lost'}`),
      ...uploads.filter(({ id }) => !known.has(id)).map(({ id, name }) => `${name} (${id}) is there a second time`),
      ...(known.size === acknowledged.length ? [] : ['one upload was acknowledged for two files']),
    ],
  };
}

function startedInOrder({ uploads }: Observation): Check {
  const wrong = uploads.flatMap((upload, index) => {
    const before = uploads[index - 1];
    if (!before || (upload.startedAt ?? '') >= (before.startedAt ?? '')) return [];
    return [`${upload.sequence} started at ${upload.startedAt}, ${before.sequence} at ${before.startedAt}`];
  });
  return { name: 'start order = acceptance order', count: uploads.length, wrong };
}

function renderedInOrder({ uploads, rendered }: Observation): Check {
  const sequences = new Map(uploads.map(({ id, sequence }) => [id, sequence]));
  const order = rendered.map((id) => sequences.get(id) ?? -1);
  const wrong = order.flatMap((sequence, index) =>
    sequence < (order[index - 1] ?? 0) ? [`${sequence} was rendered after ${order[index - 1]}`] : [],
  );
  return { name: 'first renders in acceptance order, by the logs', count: order.length, wrong };
}

function withinTheBudget({ beside: { looks, overlaps }, renders }: Observation): Check {
  const name = `renders at once within the budget, in ${looks} looks at the process table`;
  return { name, count: renders, wrong: overlaps };
}

/** One Message-ID for each mail that was due, and nothing else; none twice but where a process died over it. */
function oneMailEach({ batches, mails, trouble }: Observation): Check {
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
      .filter(([first, again]) => first && !mayBeRepeated(first, again, trouble))
      .map(([, { messageId }]) => `${messageId} was sent twice, and nothing died between`),
  ];
  return { name: `one mail each that was due (${repeats.length} repeated)`, count: byId.size, wrong };
}

/** Clocks of files and processes, and the time until a killed process is gone. */
const SLACK_MS = 250;

/** Whether something happened between the two that hides from us whether the server took the first. */
function mayBeRepeated(first: SeenMail, again: SeenMail, { kills, outages }: Trouble): boolean {
  const between = (from: number, to: number) => to >= first.at - SLACK_MS && from <= again.at;
  return (
    kills.some(({ who, at }) => (who === 'notification' || who === 'redis') && between(at, at)) ||
    outages.some(({ what, from, to }) => what !== 'storage' && what !== 'partition' && between(from, to))
  );
}

function operatorWasTold({ uploads, mails, operator }: Observation): Check {
  const alerts = mails
    .filter(({ to }) => to.includes(operator))
    .map(({ text }) => text)
    .join('\n');
  const failed = uploads.filter(({ state }) => state === 'failed');
  const wrong = failed.filter(({ id }) => !alerts.includes(id)).map(({ name }) => `nobody told of ${name}`);
  return { name: 'the operator was told of each failure', count: failed.length, wrong };
}

function sameAsUndisturbed({ acknowledged, results }: Observation, undisturbed: ReadonlyMap<Content, Result>): Check {
  const wrong = acknowledged.flatMap(({ upload, file }) => {
    const [is, should] = [results.get(upload), undisturbed.get(file.content)];
    const same = JSON.stringify(is) === JSON.stringify(should);
    return same ? [] : [`${file.name}: ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`];
  });
  return { name: 'same variants as undisturbed', count: acknowledged.length, wrong };
}

function nothingLeft({ remains: { lookedAt, left } }: Observation): Check {
  return { name: 'no orphan object, key, lock, scratch file or process', count: lookedAt, wrong: left };
}
