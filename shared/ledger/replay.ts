/** The operator gives a discarded file another round. */
import type { Queue } from 'bullmq';
import { z } from 'zod';
import { enqueueRender } from '../queues.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./replay.lua', import.meta.url), 12);

const replay = z.union([
  z.tuple([z.literal('replayed'), z.int()]).transform(([outcome, round]) => ({ outcome, round })),
  z.tuple([z.enum(['gone', 'last-try', 'not-failed', 'unknown'])]).transform(([outcome]) => ({ outcome })),
]);
export type Replay = z.infer<typeof replay>;

/**
 * Repeating it while the upload waits or renders changes nothing. `gone`: its original has expired; `last-try`: it is a dead
 * letter whose last try is still to come or runs.
 */
export async function replayUpload(
  ledger: Ledger,
  transcode: Queue,
  upload: { readonly id: string; readonly batch: string },
): Promise<Replay> {
  const { id, batch } = upload;
  const keys = [
    ledgerKey.upload(id),
    ledgerKey.batch(batch),
    ledgerKey.pending(batch),
    ledgerKey.queued,
    ledgerKey.sequence,
    ledgerKey.expiring,
    ledgerKey.deadLetter(id),
    ledgerKey.deadLetters,
    ledgerKey.alerts,
    ledgerKey.unrecorded,
    ledgerKey.counters,
    ledgerKey.unsettled,
  ];
  const replayed = replay.parse(await runScript(ledger, script, keys, [id]));
  // Should we die before this, the reconciler finds a queued upload without a job.
  if (replayed.outcome === 'replayed') await enqueueRender(transcode, { id, batch, round: replayed.round });
  return replayed;
}
