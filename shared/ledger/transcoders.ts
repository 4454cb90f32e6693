/** Signs of life of the transcoders. */
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { redisTime } from './time.ts';

/** One that has been silent for so long is not counted as alive. */
const LIVES_FOR_MS = 30_000;
/** One that has been silent for so long is forgotten. */
const FORGOTTEN_AFTER_MS = 86_400_000;

const said = z.object({ at: z.number(), freeBytes: z.number() });

export interface LiveTranscoder {
  readonly name: string;
  /** Room on the disk of its WORK_DIR. */
  readonly freeBytes: number;
}

export async function reportTranscoder(ledger: Ledger, { name, freeBytes }: LiveTranscoder): Promise<void> {
  const at = await redisTime(ledger);
  await ledger.redis.hset(ledgerKey.transcoders, name, JSON.stringify({ at, freeBytes }));
}

/** It stops: nobody need wait for it to be silent. */
export async function forgetTranscoder(ledger: Ledger, name: string): Promise<void> {
  await ledger.redis.hdel(ledgerKey.transcoders, name);
}

export async function liveTranscoders(ledger: Ledger): Promise<LiveTranscoder[]> {
  const [now, signs] = await Promise.all([redisTime(ledger), ledger.redis.hgetall(ledgerKey.transcoders)]);
  const live: LiveTranscoder[] = [];
  for (const [name, text] of Object.entries(signs)) {
    const { at, freeBytes } = said.parse(JSON.parse(text));
    if (now - at < LIVES_FOR_MS) live.push({ name, freeBytes });
    else if (now - at > FORGOTTEN_AFTER_MS) await forgetTranscoder(ledger, name);
  }
  return live;
}
