/** What the house can be measured by, the same whichever service asks. */
import type { Queue } from 'bullmq';
import { z } from 'zod';
import { readDeadLetters } from './ledger/dead-letters.ts';
import { ledgerKey } from './ledger/keys.ts';
import type { Ledger } from './ledger/ledger.ts';
import { redisTime } from './ledger/time.ts';
import { type LiveTranscoder, liveTranscoders } from './ledger/transcoders.ts';

export interface Measures {
  /** Files that wait. */
  readonly backlog: number;
  /** How long the one at the head of the queue has been waiting; 0 when none waits. */
  readonly oldestWaitingMs: number;
  /** Of the last hour, the last 500 at most. */
  readonly settled: { readonly count: number; readonly failed: number; readonly averageWaitMs: number };
  readonly deadLetters: { readonly waiting: number; readonly discarded: number };
  readonly transcoders: readonly LiveTranscoder[];
  readonly paused: boolean;
  /** Share of its memory limit that Redis uses; undefined where it has none. */
  readonly redisMemoryShare: number | undefined;
}

const HOUR_MS = 3_600_000;
const recent = z.object({ at: z.number(), state: z.enum(['ready', 'failed']), waitedMs: z.number() });

export async function readMeasures(ledger: Ledger, transcode: Queue): Promise<Measures> {
  const { redis } = ledger;
  const [now, backlog, [oldest], settled, letters, transcoders, paused, memory] = await Promise.all([
    redisTime(ledger),
    redis.zcard(ledgerKey.queued),
    redis.zrange(ledgerKey.queued, 0, 0),
    redis.lrange(ledgerKey.recent, 0, -1),
    readDeadLetters(ledger),
    liveTranscoders(ledger),
    transcode.isPaused(),
    redis.info('memory'),
  ]);
  const queuedAt = oldest === undefined ? null : await redis.hget(ledgerKey.upload(oldest), 'queuedAt');
  const lastHour = settled.map((text) => recent.parse(JSON.parse(text))).filter(({ at }) => now - at < HOUR_MS);
  const waited = lastHour.reduce((sum, { waitedMs }) => sum + waitedMs, 0);
  return {
    backlog,
    oldestWaitingMs: queuedAt === null ? 0 : Math.max(0, now - Number(queuedAt)),
    settled: {
      count: lastHour.length,
      failed: lastHour.filter(({ state }) => state === 'failed').length,
      averageWaitMs: lastHour.length === 0 ? 0 : Math.round(waited / lastHour.length),
    },
    deadLetters: {
      waiting: letters.filter(({ state }) => state !== 'discarded').length,
      discarded: letters.filter(({ state }) => state === 'discarded').length,
    },
    transcoders,
    paused,
    redisMemoryShare: memoryShare(memory),
  };
}

/** @param info what INFO memory answers. */
function memoryShare(info: string): number | undefined {
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const limit = field('maxmemory');
  return limit === 0 ? undefined : field('used_memory') / limit;
}
