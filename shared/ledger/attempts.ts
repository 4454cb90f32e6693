/** Attempts whose outputs are being stored: what of them no manifest names is removed when they are over. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { redisTime } from './time.ts';

export interface StoringAttempt {
  readonly upload: string;
  /** The segment of its keys: number of the try and run, `1-4b78cc12ab34`. */
  readonly name: string;
}

export async function noteAttempt(ledger: Ledger, { upload, name }: StoringAttempt): Promise<void> {
  await ledger.redis.zadd(ledgerKey.attempts, await redisTime(ledger), `${upload}/${name}`);
}

/** Nothing of it is left but what a manifest names. */
export async function noteAttemptOver(ledger: Ledger, { upload, name }: StoringAttempt): Promise<void> {
  await ledger.redis.zrem(ledgerKey.attempts, `${upload}/${name}`);
}

/** The oldest first. */
export async function storingAttempts(ledger: Ledger): Promise<StoringAttempt[]> {
  const members = await ledger.redis.zrange(ledgerKey.attempts, 0, -1);
  return members.map((member) => {
    const [upload = '', name = ''] = member.split('/');
    return { upload, name };
  });
}

/** The run that an attempt's name ends with. */
export const runOf = (name: string) => name.slice(name.indexOf('-') + 1);
