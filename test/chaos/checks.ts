/** What must hold after any run. Pure: over what was observed. */

import type { Observation, Result } from './observation.ts';
import type { Content } from './plan.ts';

export interface Check {
  readonly name: string;
  /** How many things were looked at. */
  readonly count: number;
  /** What is wrong; empty when it holds. */
  readonly wrong: readonly string[];
}

/** @param undisturbed what comes of each content when nothing goes wrong. @param rendered uploads by their first render. */
export function checksOf(
  seen: Observation,
  undisturbed: ReadonlyMap<Content, Result>,
  rendered: readonly string[],
): Check[] {
  return [
    acknowledgedAreSettled(seen),
    startedInOrder(seen),
    renderedInOrder(seen, rendered),
    oneAtATime(seen),
    oneMailPerBatch(seen),
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

function renderedInOrder({ uploads }: Observation, rendered: readonly string[]): Check {
  const sequences = new Map(uploads.map(({ id, sequence }) => [id, sequence]));
  const order = rendered.map((id) => sequences.get(id) ?? -1);
  const wrong = order.flatMap((sequence, index) =>
    sequence < (order[index - 1] ?? 0) ? [`${sequence} was rendered after ${order[index - 1]}`] : [],
  );
  return { name: 'first renders in acceptance order, by the logs', count: order.length, wrong };
}

function oneAtATime({ overlaps, renders }: Observation): Check {
  return { name: 'one render at a time in the fleet', count: renders, wrong: overlaps };
}

function oneMailPerBatch({ batches, mails, trouble }: Observation): Check {
  const couldRepeat = trouble.kills.filter(({ who }) => who === 'notification' || who === 'redis').length;
  let repeats = 0;
  const wrong = batches.flatMap((batch) => {
    const about = mails.filter(({ messageId }) => messageId.includes(batch));
    repeats += Math.max(0, about.length - 1);
    const ids = new Set(about.map(({ messageId }) => messageId));
    return ids.size === 1 ? [] : [`batch ${batch} has ${ids.size} mails`];
  });
  const tooMany =
    repeats > couldRepeat ? [`${repeats} mails were repeated, ${couldRepeat} kills could have caused that`] : [];
  return { name: `one mail a batch (${repeats} repeated)`, count: batches.length, wrong: [...wrong, ...tooMany] };
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

function nothingLeft({ left }: Observation): Check {
  return { name: 'nothing left behind', count: left.length, wrong: left };
}
