/** What happens in a run: its files, their faults, its kills and outages. Pure: the seed decides. */
import type { Fate } from '../support/faulty-ffmpeg.ts';
import { randomOf } from './random.ts';

export type Content = 'long' | 'short' | 'portrait' | 'photo' | 'animation' | 'sound' | 'truncated' | 'noise';

export interface PlannedFile {
  readonly name: string;
  readonly content: Content;
  /** Bytes that are added to it, unique in the run: by their lengths the faults know the files. */
  readonly padding: number;
  /** How the first renders of it end, for contents that ffmpeg renders. */
  readonly fates: readonly Fate[];
}

export interface PlannedBatch {
  /** In one request with all files; or opened, filled file by file or with one form, and sealed. */
  readonly way: 'whole' | 'one by one' | 'form';
  readonly files: readonly PlannedFile[];
}

export interface PlannedKill {
  /** Pause before it, ms. */
  readonly afterMs: number;
  /** `busy`: the transcoder that renders at that moment. */
  readonly who: 'busy' | 'upload' | 'notification' | 'redis' | 'transcoder';
  readonly signal: 'SIGKILL' | 'SIGTERM';
}

/** What is away for a while; `partition`: the busy transcoder alone loses Redis, for longer than its lease. */
export const OUTAGES = ['redis hangs', 'redis is cut off', 'partition', 'smtp', 'storage'] as const;

export interface PlannedOutage {
  readonly afterMs: number;
  readonly what: (typeof OUTAGES)[number];
}

export interface Plan {
  readonly seed: number;
  readonly batches: readonly PlannedBatch[];
  /** Sent after them, one when all before it is finished, for as long as there is trouble to come. */
  readonly spare: readonly PlannedBatch[];
  readonly kills: readonly PlannedKill[];
  readonly outages: readonly PlannedOutage[];
}

/** ffmpeg renders them, and they are whole. */
const VIDEOS: readonly Content[] = ['long', 'short', 'portrait'];
const SPARE_FILES = 100;
/** No run is without a file that fails for good. */
const FAILS_AT = 1;
/** Of one batch. */
const MOST_FILES = 8;
const MOST_SPARE_FILES = 3;
/** What is received while processes die, in many pieces; some of it in more than one part of a multipart upload to S3. */
const MOST_PADDING_KB = { small: 4_000, large: 12_000 };

interface Extent {
  readonly files: number;
  /** Half of them of a busy transcoder. */
  readonly kills: number;
  /** Of as many kinds. */
  readonly outages: number;
}

export function planOf(seed: number, { files, kills, outages }: Extent): Plan {
  const random = randomOf(seed);
  const plannedFile = (_: unknown, index: number): PlannedFile => {
    const any = random.pick<Content>([
      ...(['long', 'long', 'short', 'short', 'portrait', 'photo', 'photo', 'animation'] as const),
      ...(['sound', 'truncated', 'noise'] as const),
    ]);
    const content = index === FAILS_AT ? 'noise' : any;
    const isVideo = VIDEOS.includes(content);
    const fails = isVideo && random.chance(0.35);
    const fates = fails ? Array.from({ length: random.whole(1, 2) }, () => random.pick<Fate>(['killed', 'crash'])) : [];
    const mostKb = random.chance(0.25) ? MOST_PADDING_KB.large : MOST_PADDING_KB.small;
    const padding = isVideo ? random.whole(1, mostKb) * 1000 + index : 0;
    return { name: `${String(index).padStart(3, '0')}-${content}.bin`, content, padding, fates };
  };
  const planned = Array.from({ length: files + SPARE_FILES }, plannedFile);
  const batchesOf = (some: readonly PlannedFile[], most: number) => {
    const batches: PlannedBatch[] = [];
    for (let start = 0; start < some.length; ) {
      const size = random.whole(2, most);
      const way = random.pick(['whole', 'one by one', 'form'] as const);
      batches.push({ way, files: some.slice(start, start + size) });
      start += size;
    }
    return batches;
  };
  return {
    seed,
    batches: batchesOf(planned.slice(0, files), MOST_FILES),
    spare: batchesOf(planned.slice(files), MOST_SPARE_FILES),
    kills: Array.from({ length: kills }, (_, index) => ({
      afterMs: random.whole(300, 2_500),
      who: index % 2 === 0 ? 'busy' : random.pick(['upload', 'notification', 'redis', 'transcoder'] as const),
      signal: random.chance(0.75) ? 'SIGKILL' : 'SIGTERM',
    })),
    outages: random
      .shuffled(OUTAGES)
      .slice(0, outages)
      .map((what) => ({ afterMs: random.whole(500, 3_000), what })),
  };
}
