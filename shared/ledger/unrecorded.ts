/** What has happened in the ledger and is not in the bucket's records yet: the outbox of records.ts. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { redisTime } from './time.ts';

/** `batch`, `sealed` and `notified` are followed by a batch's id, the others by an upload's. */
export type RecordKind = 'batch' | 'upload' | 'sealed' | 'failed' | 'replayed' | 'notified';

export interface Unrecorded {
  readonly kind: RecordKind;
  readonly id: string;
}

/** What has been waiting for longer than a request or a render takes to write it, the oldest first. */
export async function unrecordedFor(ledger: Ledger, ms: number): Promise<Unrecorded[]> {
  const until = (await redisTime(ledger)) - ms;
  const members = await ledger.redis.zrange(ledgerKey.unrecorded, 0, until, 'BYSCORE');
  return members.map((member) => {
    const [kind, id = ''] = member.split(':');
    return { kind: kind as RecordKind, id };
  });
}

export async function isUnrecorded(ledger: Ledger, { kind, id }: Unrecorded): Promise<boolean> {
  return (await ledger.redis.zscore(ledgerKey.unrecorded, `${kind}:${id}`)) !== null;
}

export async function noteRecorded(ledger: Ledger, { kind, id }: Unrecorded): Promise<void> {
  await ledger.redis.zrem(ledgerKey.unrecorded, `${kind}:${id}`);
}
