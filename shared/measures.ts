/** What the house can be measured by, the same whichever service asks. */
import type { Queue } from 'bullmq';
import { z } from 'zod';
import { inTime } from './in-time.ts';
import { countDeadLetters } from './ledger/dead-letters.ts';
import { currentEpoch } from './ledger/epoch.ts';
import { ledgerKey } from './ledger/keys.ts';
import type { Ledger } from './ledger/ledger.ts';
import { redisTime } from './ledger/time.ts';
import { type LiveTranscoder, liveTranscoders } from './ledger/transcoders.ts';
import type { Storage } from './storage/storage.ts';

/** What decides whether the house can take more. */
export interface Load {
  /** False while the ledger is being recovered. */
  readonly whole: boolean;
  /** Files that wait. */
  readonly backlog: number;
  readonly transcoders: readonly LiveTranscoder[];
  /** Share of its memory limit that Redis uses; undefined where it has none. */
  readonly redisMemoryShare: number | undefined;
}

export interface QueueMeasures extends Load {
  /** How long the one at the head of the queue has been waiting; 0 when none waits. */
  readonly oldestWaitingMs: number;
  /** Of the last hour, the last 500 at most. */
  readonly settled: { readonly count: number; readonly failed: number; readonly averageWaitMs: number };
  readonly deadLetters: { readonly waiting: number; readonly discarded: number };
  readonly paused: boolean;
}

export interface StoreMeasures {
  readonly answers: boolean;
  /** undefined where the store cannot say. */
  readonly freeBytes: number | undefined;
  /** Whether it has just refused a body for want of room. */
  readonly full: boolean;
}

const STORAGE_ANSWERS_WITHIN_MS = 3_000;
const HOUR_MS = 3_600_000;
const recent = z.object({ at: z.number(), state: z.enum(['ready', 'failed']), waitedMs: z.number() });

/** Cheap enough for every second: one round trip, and short, however much there is. @throws Redis's errors. */
export async function readLoad(ledger: Ledger): Promise<Load> {
  const [epoch, backlog, transcoders, memory] = await Promise.all([
    currentEpoch(ledger),
    ledger.redis.zcard(ledgerKey.queued),
    liveTranscoders(ledger),
    ledger.redis.info('memory'),
  ]);
  return { whole: epoch !== undefined, backlog, transcoders, redisMemoryShare: memoryShare(memory) };
}

/** @throws Redis's errors. */
export async function readMeasures(ledger: Ledger, transcode: Queue): Promise<QueueMeasures> {
  const { redis } = ledger;
  const [load, now, [oldest], settled, deadLetters, paused] = await Promise.all([
    readLoad(ledger),
    redisTime(ledger),
    redis.zrange(ledgerKey.queued, 0, 0),
    redis.lrange(ledgerKey.recent, 0, -1),
    countDeadLetters(ledger),
    transcode.isPaused(),
  ]);
  const [queuedAt = null, replayedAt = null] =
    oldest === undefined ? [] : await redis.hmget(ledgerKey.upload(oldest), 'queuedAt', 'replayedAt');
  const waitsSince = replayedAt ?? queuedAt;
  const lastHour = settled.map((text) => recent.parse(JSON.parse(text))).filter(({ at }) => now - at < HOUR_MS);
  const waited = lastHour.reduce((sum, { waitedMs }) => sum + waitedMs, 0);
  return {
    ...load,
    oldestWaitingMs: waitsSince === null ? 0 : Math.max(0, now - Number(waitsSince)),
    settled: {
      count: lastHour.length,
      failed: lastHour.filter(({ state }) => state === 'failed').length,
      averageWaitMs: lastHour.length === 0 ? 0 : Math.round(waited / lastHour.length),
    },
    deadLetters,
    paused,
  };
}

export async function measureStorage(storage: Storage): Promise<StoreMeasures> {
  const look = async () => {
    await storage.check();
    return storage.freeBytes();
  };
  try {
    const freeBytes = await inTime(look(), STORAGE_ANSWERS_WITHIN_MS, () => new Error('the storage does not answer'));
    return { answers: true, freeBytes, full: false };
  } catch {
    return { answers: false, freeBytes: undefined, full: false };
  }
}

/** @param info what INFO memory answers. */
function memoryShare(info: string): number | undefined {
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const limit = field('maxmemory');
  return limit === 0 ? undefined : field('used_memory') / limit;
}
