/** That nothing is lost and nothing is there twice. */
import type { Check } from './check.ts';
import type { Observation } from './observation.ts';

export function sentAreAcknowledged({ sent, acknowledged }: Pick<Observation, 'acknowledged' | 'sent'>): Check {
  const names = acknowledged.map(({ file }) => file.name);
  const [before, after] = [new Set(sent), new Set(names)];
  return {
    name: 'sent = acknowledged',
    count: sent.length,
    wrong: [
      ...sent.filter((name) => !after.has(name)).map((name) => `${name} was never acknowledged`),
      ...names.filter((name) => !before.has(name)).map((name) => `${name} was acknowledged and not sent`),
      ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} was acknowledged twice`),
    ],
  };
}

export function acknowledgedAreSettled({
  acknowledged,
  uploads,
}: Pick<Observation, 'acknowledged' | 'uploads'>): Check {
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
