/** The house on an empty Redis: what it knew before must come back from the bucket alone, by itself. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { BatchView } from '../../services/upload/views.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import type { Client } from '../support/client.ts';

/** Batches and uploads by id, as JSON of what has to outlive Redis. */
export type Remembered = ReadonlyMap<string, string>;

const RECOVERED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;

/** Takes all that Redis knows from the running house. @returns what the API says afterwards; nothing when it stays closed. */
export async function recoverFromNothing(
  redis: Redis,
  client: Client,
  batches: readonly string[],
): Promise<BatchView[]> {
  await redis.flushall();
  const deadline = performance.now() + RECOVERED_WITHIN_MS;
  for (;;) {
    if (performance.now() > deadline) return [];
    await pause(LOOK_EVERY_MS);
    if ((await redis.exists(ledgerKey.epoch)) === 0) continue;
    const answers = await Promise.allSettled(batches.map((id) => client.readBatch(id)));
    // A door that has not looked yet says 503, and a batch that is not there is for the check to find.
    if (answers.some((answer) => answer.status === 'rejected' && statusOf(answer.reason) !== 404)) continue;
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.body] : []));
  }
}

const statusOf = (error: unknown) => (error as { readonly status?: number }).status;

export function remembered(batches: readonly BatchView[]): Remembered {
  return new Map(
    batches.flatMap(({ id, title, instructor, state, notifiedAt, uploads }) => [
      [id, JSON.stringify({ title, instructor, state, notified: notifiedAt !== undefined })] as const,
      ...uploads.map(({ id, batch, sequence, name, bytes, kind, state, reason, warning, variants }) => {
        const kept = { batch, sequence, name, bytes, kind, state, reason, warning, variants };
        return [id, JSON.stringify(kept)] as const;
      }),
    ]),
  );
}
