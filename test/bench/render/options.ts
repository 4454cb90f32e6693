/** What was asked for on the command line. Pure. */
import { parseArgs } from 'node:util';
import { CannotGoOn } from '../../../infra/local/cannot-go-on.ts';
import { QUALITIES, type Quality } from '../../../services/transcoder/ladder.ts';

const USAGE = `usage: npm run bench [-- --rounds 3 --quality balanced --only 'ffmpeg|PeerTube' --every 1 FILE…]
  FILE       clips to render instead of the generated ones
  --quality  for the bare command, a process for each rung, and the main job: ${QUALITIES.join(', ')}
  --only     a regular expression: contenders whose names it matches
  --every    VMAF of every so many frames, 1 for all; 7 is five times as fast, and near enough`;

const MAX_ROUNDS = 100;

export interface Options {
  readonly files: readonly string[];
  readonly rounds: number;
  readonly quality: Quality;
  readonly only: RegExp;
  readonly every: number;
}

/** @throws CannotGoOn */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS)
    throw new CannotGoOn(`--rounds: 1 to 100\n${USAGE}`);
  const quality = QUALITIES.find((one) => one === values.quality);
  if (!quality) throw new CannotGoOn(`--quality: ${QUALITIES.join(', ')}\n${USAGE}`);
  const every = Number(values.every);
  if (!Number.isInteger(every) || every < 1) throw new CannotGoOn(`--every: 1 or more\n${USAGE}`);
  return { files: positionals, rounds, quality, only: new RegExp(values.only), every };
}

function parsed(args: readonly string[]) {
  try {
    const options = {
      rounds: { type: 'string', default: '3' },
      quality: { type: 'string', default: 'balanced' },
      only: { type: 'string', default: '' },
      every: { type: 'string', default: '1' },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new CannotGoOn(`${error instanceof Error ? error.message : error}\n${USAGE}`, { cause: error });
  }
}
