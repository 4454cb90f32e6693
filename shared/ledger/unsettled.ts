/** Uploads that have not settled. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

export interface Unsettled {
  readonly id: string;
  readonly round: number;
  /** The main queue has given it up. */
  readonly lastTry: boolean;
}

/** In upload order. */
export async function unsettledUploads(ledger: Ledger): Promise<Unsettled[]> {
  const ids = await ledger.redis.zrange(ledgerKey.unsettled, 0, -1);
  const pipeline = ledger.redis.pipeline();
  for (const id of ids) pipeline.hmget(ledgerKey.upload(id), 'round', 'lastTry');
  const answers = (await pipeline.exec()) ?? [];
  return ids.map((id, index) => {
    const [error, fields] = answers[index] ?? [];
    if (error) throw error;
    const [round, lastTry] = Array.isArray(fields) ? fields : [];
    return { id, round: Number(round ?? 0), lastTry: lastTry != null };
  });
}
