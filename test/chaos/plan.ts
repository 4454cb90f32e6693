/** What happens in a run: its files, their faults, its kills and outages. Pure: the seed decides. */
import type { Fate } from '../support/faulty-ffmpeg.ts';
import { randomOf } from './random.ts';

export type Content = 'long' | 'short' | 'portrait' | 'photo' | 'animation' | 'truncated' | 'noise';

export interface PlannedFile {
  readonly name: string;
  readonly content: Content;
  /** How the first renders of it end, for contents that ffmpeg renders. */
  readonly fates: readonly Fate[];
}

export interface PlannedBatch {
  /** In one request with all files, or opened, filled file by file, and sealed. */
  readonly way: 'whole' | 'open';
  readonly files: readonly PlannedFile[];
}

export interface PlannedKill {
  /** Pause before it, ms. */
  readonly afterMs: number;
  /** `busy`: the transcoder that renders at that moment. */
  readonly who: 'busy' | 'upload' | 'notification' | 'redis' | 'transcoder';
  readonly signal: 'SIGKILL' | 'SIGTERM';
}

export interface PlannedOutage {
  readonly afterMs: number;
  readonly what: 'redis' | 'smtp' | 'storage';
}

export interface Plan {
  readonly seed: number;
  readonly batches: readonly PlannedBatch[];
  readonly kills: readonly PlannedKill[];
  readonly outages: readonly PlannedOutage[];
}

const VIDEOS: readonly Content[] = ['long', 'short', 'portrait'];

/** @param files in all. @param kills in all, half of them of a busy transcoder. */
export function planOf(seed: number, files: number, kills: number): Plan {
  const random = randomOf(seed);
  const planned = Array.from({ length: files }, (_, index) => {
    const content = random.pick<Content>([
      ...(['long', 'long', 'short', 'short', 'portrait', 'photo', 'photo', 'animation'] as const),
      ...(['truncated', 'noise'] as const),
    ]);
    const fails = VIDEOS.includes(content) && random.chance(0.35);
    const fates = fails ? Array.from({ length: random.whole(1, 2) }, () => random.pick<Fate>(['killed', 'crash'])) : [];
    return { name: `${String(index).padStart(3, '0')}-${content}.bin`, content, fates };
  });
  const batches: PlannedBatch[] = [];
  for (let start = 0; start < planned.length; ) {
    const size = random.whole(2, 8);
    batches.push({ way: random.pick(['whole', 'open']), files: planned.slice(start, start + size) });
    start += size;
  }
  return {
    seed,
    batches,
    kills: Array.from({ length: kills }, (_, index) => ({
      afterMs: random.whole(300, 2_500),
      who: index % 2 === 0 ? 'busy' : random.pick(['upload', 'notification', 'redis', 'transcoder'] as const),
      signal: random.chance(0.75) ? 'SIGKILL' : 'SIGTERM',
    })),
    outages: (['redis', 'smtp', 'storage'] as const).map((what) => ({ afterMs: random.whole(2_000, 8_000), what })),
  };
}
