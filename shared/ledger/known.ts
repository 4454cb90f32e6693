/** Whether the ledger knows an upload. */
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** @returns those of the ids that it knows. */
export async function knownUploads(ledger: Ledger, ids: readonly string[]): Promise<Set<string>> {
  const pipeline = ledger.redis.pipeline();
  for (const id of ids) pipeline.exists(ledgerKey.upload(id));
  const answers = (await pipeline.exec()) ?? [];
  for (const [error] of answers) if (error) throw error;
  return new Set(ids.filter((_, index) => answers[index]?.[1] === 1));
}

/** Id of a batch's upload with this sequence; undefined when there is none. */
export async function uploadAt(ledger: Ledger, batch: string, sequence: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(sequence)) return undefined;
  const [id] = await ledger.redis.zrange(ledgerKey.uploads(batch), sequence, sequence, 'BYSCORE');
  return id;
}
