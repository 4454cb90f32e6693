/** Has every contender render the clip, round after round, each in turn; their files are judged once. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clip } from './clip.ts';
import type { Contender, Measurement } from './contenders.ts';
import type { Judge } from './quality.ts';

interface JudgedRung {
  readonly lines: number;
  readonly bytes: number;
  readonly quality: number;
}

export interface Result {
  readonly name: string;
  /** One for each round. */
  readonly measurements: readonly Measurement[];
  readonly rungs: readonly JudgedRung[];
}

export interface Runs {
  readonly clip: Clip;
  readonly rounds: number;
  readonly judge: Judge;
  /** For what they make; emptied again. */
  readonly directory: string;
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}

export async function runRounds(contenders: readonly Contender[], runs: Runs): Promise<Result[]> {
  const { clip, rounds, stop, say } = runs;
  const found = contenders.map(({ name }) => ({ name, measurements: [] as Measurement[], rungs: [] as JudgedRung[] }));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another, so that none is always the first.
    const order = contenders.map((_, index) => (index + round) % contenders.length);
    for (const index of order) {
      const [contender, result] = [contenders[index], found[index]];
      if (!contender || !result) continue;
      say(`round ${round + 1} of ${rounds}: ${contender.name}`);
      const directory = join(runs.directory, 'contender');
      await mkdir(directory);
      const measurement = await contender.run(clip, directory, stop);
      result.measurements.push(measurement);
      if (round === 0) result.rungs.push(...(await judged(measurement, directory, runs)));
      await rm(directory, { recursive: true });
    }
  }
  return found;
}

async function judged({ rungs }: Measurement, directory: string, { clip, judge, stop }: Runs): Promise<JudgedRung[]> {
  const results: JudgedRung[] = [];
  for (const { lines, file } of rungs.toSorted((one, other) => other.lines - one.lines)) {
    const path = join(directory, file);
    results.push({ lines, bytes: (await stat(path)).size, quality: await judge.judge(path, clip, stop) });
  }
  return results;
}
