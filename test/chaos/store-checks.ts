/** That the store holds what it should and nothing else, that Redis can be had again from it, and that no work is left over. */
import type { Check } from './check.ts';
import type { Observation } from './observation.ts';

export function storeIsExact({ kept: { expected, found } }: Pick<Observation, 'kept'>): Check {
  const [should, is] = [new Set(expected), new Set(found)];
  return {
    name: 'originals, records and media: all that should be there, and no orphan',
    count: expected.length,
    wrong: [
      ...expected.filter((key) => !is.has(key)).map((key) => `${key} is missing`),
      ...found.filter((key) => !should.has(key)).map((key) => `${key} belongs to nobody`),
    ],
  };
}

export function nothingHalf({ kept: { half, halfBefore } }: Pick<Observation, 'kept'>): Check {
  const name = 'half-written objects of the dead, cleared away';
  return { name, count: halfBefore, wrong: half.map((key) => `half-written: ${key}`) };
}

export function nothingLeft({ remains: { lookedAt, left } }: Pick<Observation, 'remains'>): Check {
  return { name: 'no orphan key, job, lock, scratch file or process', count: lookedAt, wrong: left };
}

/** The operator may hear again in which state the house is; instructors hear nothing. */
export function recoveredWhole({ recovery, operator }: Pick<Observation, 'operator' | 'recovery'>): Check {
  const { before, after, mails } = recovery;
  return {
    name: 'batches and uploads recovered from the store alone',
    count: before.size,
    wrong: [
      ...[...before]
        .filter(([id, was]) => after.get(id) !== was)
        .map(([id, was]) => `${id} was ${was} and is ${after.get(id) ?? 'lost'}`),
      ...[...after.keys()].filter((id) => !before.has(id)).map((id) => `${id} was not there before`),
      ...mails
        .filter(({ to }) => !to.includes(operator))
        .map(({ messageId }) => `${messageId} was sent after the recovery`),
      ...(before.size === 0 ? ['there was nothing to recover'] : []),
    ],
  };
}
