/** Batches that are being received: their originals belong to no upload before the body has ended, which may take hours. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { redisTime } from './time.ts';

/** One of which nothing was heard for so long is not received any more. */
const LAPSES_AFTER_MS = 10 * 60_000;

const SAY_EVERY_MS = 60_000;

/**
 * Says that this batch is being received, until it is disposed. Resolves when it was said first.
 * @param then `lapse` where other requests may be bringing files into the same batch.
 */
export async function receiving(
  ledger: Ledger,
  batch: string,
  then: 'over' | 'lapse' = 'over',
): Promise<AsyncDisposable> {
  const say = async () => {
    await ledger.redis.zadd(ledgerKey.receiving, await redisTime(ledger), batch);
  };
  await say();
  // One that is missed does no harm: it lapses after several.
  const saying = setInterval(() => say().catch(() => {}), SAY_EVERY_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(saying);
      if (then === 'over') await ledger.redis.zrem(ledgerKey.receiving, batch).catch(() => {});
    },
  };
}

export async function isBeingReceived(ledger: Ledger, batch: string): Promise<boolean> {
  const heardAt = await ledger.redis.zscore(ledgerKey.receiving, batch);
  return heardAt !== null && Number(heardAt) > (await redisTime(ledger)) - LAPSES_AFTER_MS;
}

/** Of a process that died in between nobody else takes the batch off the list. */
export async function forgetLapsed(ledger: Ledger): Promise<void> {
  await ledger.redis.zremrangebyscore(ledgerKey.receiving, '-inf', (await redisTime(ledger)) - LAPSES_AFTER_MS);
}
