/** Open batches in which nothing has happened for long. */
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';
import { redisTime } from './time.ts';

const script = loadScript(new URL('./remove-empty.lua', import.meta.url), 5);

/** The longest abandoned first. */
export async function abandonedBatches(ledger: Ledger, forMs: number): Promise<string[]> {
  return ledger.redis.zrange(ledgerKey.open, 0, (await redisTime(ledger)) - forMs, 'BYSCORE');
}

/** @returns false when it has got an upload or is open no more. */
export async function removeEmptyBatch(ledger: Ledger, batch: string): Promise<boolean> {
  const idempotency = await ledger.redis.hget(ledgerKey.batch(batch), 'idempotency');
  const keys = [
    ledgerKey.batch(batch),
    ledgerKey.uploads(batch),
    ledgerKey.open,
    ledgerKey.unrecorded,
    ledgerKey.idempotency(idempotency ?? ''),
  ];
  return (await runScript(ledger, script, keys, [batch])) === 1;
}
