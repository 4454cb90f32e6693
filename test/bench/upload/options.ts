/** What was asked for on the command line. Pure. */
import { parseArgs } from 'node:util';
import { CannotGoOn } from '../../../infra/local/cannot-go-on.ts';

const USAGE = 'usage: npm run bench:upload [-- --bytes 500MiB --rounds 5]';

const UNITS: Record<string, number> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** The head that makes the file pass as media has to fit; S3 takes no larger body in one PutObject. */
const MIN_BYTES = 1024;
const MAX_BYTES = 5 * 1024 ** 3;
const MAX_ROUNDS = 100;

export interface Options {
  readonly bytes: number;
  readonly rounds: number;
}

/** @throws CannotGoOn */
export function readOptions(args: readonly string[]): Options {
  const { bytes, rounds } = parsed(args);
  return {
    bytes: inRange('--bytes', amountOf(bytes), MIN_BYTES, MAX_BYTES),
    rounds: inRange('--rounds', Number(rounds), 1, MAX_ROUNDS),
  };
}

function parsed(args: readonly string[]) {
  try {
    const options = { bytes: { type: 'string', default: '500MiB' }, rounds: { type: 'string', default: '5' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new CannotGoOn(`${error instanceof Error ? error.message : error}\n${USAGE}`, { cause: error });
  }
}

function amountOf(text: string): number {
  const [, amount, unit = 'B'] = /^(\d+) ?([A-Za-z]+)?$/.exec(text) ?? [];
  return Number(amount) * (UNITS[unit] ?? Number.NaN);
}

function inRange(name: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new CannotGoOn(`${name}: expected a whole number from ${from} to ${to}\n${USAGE}`);
}
