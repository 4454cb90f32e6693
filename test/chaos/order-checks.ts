/** That the one upload order of the house is kept, and no more is rendered at once than may be. */
import type { Check } from './check.ts';
import type { Observation } from './observation.ts';

/** What was answered before another file was sent comes before it; by the clock of who sent them. */
export function acceptedInOrder({ acknowledged, uploads }: Pick<Observation, 'acknowledged' | 'uploads'>): Check {
  const sequences = new Map(uploads.map(({ id, sequence }) => [id, sequence]));
  const changed = acknowledged
    .filter(({ upload, sequence }) => sequences.get(upload) !== sequence)
    .map(({ upload, sequence, file }) => `${file.name} was answered ${sequence} and has ${sequences.get(upload)}`);
  let pairs = 0;
  const turned = acknowledged.flatMap((first) =>
    acknowledged.flatMap((later) => {
      if (first.acknowledgedAt >= later.sentAt) return [];
      pairs++;
      if (first.sequence < later.sequence) return [];
      return [`${later.file.name} (${later.sequence}) was sent after ${first.file.name} (${first.sequence})`];
    }),
  );
  // Within one request the files have the order in which they lie in it.
  const within = acknowledged.flatMap((upload, index) => {
    const before = acknowledged[index - 1];
    if (!before || before.batch !== upload.batch) return [];
    pairs++;
    return before.sequence < upload.sequence ? [] : [`${upload.file.name} comes before ${before.file.name}`];
  });
  return { name: 'acceptance order = order of sending', count: pairs, wrong: [...changed, ...turned, ...within] };
}

/** Two may have started in one millisecond, the unit of the API's times. */
export function startedInOrder({ uploads }: Pick<Observation, 'uploads'>): Check {
  const bySequence = uploads.toSorted((a, b) => a.sequence - b.sequence);
  const wrong = bySequence.flatMap(({ sequence, startedAt }, index) => {
    if (startedAt === undefined) return [`${sequence} was never started`];
    const before = bySequence[index - 1];
    if (!before?.startedAt || startedAt >= before.startedAt) return [];
    return [`${sequence} started at ${startedAt}, ${before.sequence} at ${before.startedAt}`];
  });
  return { name: 'start order = acceptance order', count: uploads.length, wrong };
}

export function renderedInOrder({ uploads, rendered }: Pick<Observation, 'rendered' | 'uploads'>): Check {
  const sequences = new Map(uploads.map(({ id, sequence }) => [id, sequence]));
  const seen = new Set(rendered);
  const order = rendered.map((id) => sequences.get(id) ?? -1);
  const wrong = [
    ...order.flatMap((sequence, index) =>
      sequence < (order[index - 1] ?? 0) ? [`${sequence} was rendered after ${order[index - 1]}`] : [],
    ),
    ...uploads
      .filter(({ id, state }) => state === 'ready' && !seen.has(id))
      .map(({ name }) => `no log says that ${name} was rendered`),
  ];
  return { name: 'first renders in acceptance order, by the logs', count: order.length, wrong };
}

export function withinTheBudget({ beside, renders }: Pick<Observation, 'beside' | 'renders'>): Check {
  const { looks, sightings, overlaps } = beside;
  return {
    name: `renders at once within the budget, in ${looks} looks at the process table of which ${sightings} saw one`,
    count: renders,
    wrong: [
      ...overlaps,
      ...(sightings === 0 ? ['no look saw a render'] : []),
      ...(renders === 0 ? ['ffmpeg rendered nothing'] : []),
    ],
  };
}
