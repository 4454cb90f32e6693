/** The dead-letter queue's walk of one job: slot ▸ start ▸ one lenient try ▸ settle, ready or failed for good. */
import { UnrecoverableError } from 'bullmq';
import { readUpload } from '../../shared/ledger/read.ts';
import { requeueUpload } from '../../shared/ledger/requeue.ts';
import { startUpload, type Turn } from '../../shared/ledger/start.ts';
import type { Payload } from '../../shared/queues.ts';
import { attempt } from './attempt.ts';
import type { Booth } from './booth.ts';
import { nextStep } from './next-step.ts';
import { outlasting } from './outlast.ts';
import { holdSlot } from './render-slot.ts';
import type { JobRun } from './render-upload.ts';
import { settle, settleAgain } from './settle.ts';

/** Deaths of processes over one dead letter before it counts as what kills them. */
const MAX_DEATHS = 20;

/**
 * @throws UnrecoverableError when the upload has failed for good, so that the job stays to be looked at; the signal's
 *   reason when aborted, LeaseLost, or the error of a Redis that takes nothing, and then the dead letter waits again.
 */
export async function lastTry(
  booth: Booth,
  { batch, upload: id, round }: Payload<'dead-letter', 'last-try'>,
  { job, run, signal: stop }: JobRun,
): Promise<void> {
  const { ledger } = booth;
  const log = booth.log.child({ batch, upload: id, job });
  const turn: Turn = { upload: id, round, run };
  const upload = await readUpload(ledger, id);
  if (!upload) return;
  await using slot = await holdSlot(booth, upload, 'last', stop);
  const { signal } = slot;
  try {
    const start = await startUpload(ledger, turn, 'last');
    if (start.outcome === 'settled') {
      await settleAgain(booth, id);
      if (upload.state === 'failed') throw new UnrecoverableError(upload.reason);
    }
    if (start.outcome !== 'started') return;
    if (start.deaths > MAX_DEATHS) throw new Error(`${start.deaths} processes died over this upload`);
    const outlast = outlasting(booth, turn, signal, log);
    const run = { turn, number: start.attempt, signal, lenient: true, log };
    const manifest = await outlast(() => attempt(booth, upload, run));
    await settle(booth, upload, turn, { state: 'ready', ...manifest });
    log.warn({ variants: manifest.variants.length, warning: manifest.warning }, 'rescued');
  } catch (error) {
    const next = nextStep(error, Number.POSITIVE_INFINITY, 0);
    if (signal.aborted || next.step === 'wait') await requeueUpload(ledger, id, turn.run);
    signal.throwIfAborted();
    if (error instanceof UnrecoverableError || next.step === 'wait') throw error;
    // The reason of the first failure is about the file as it came; a rescue fails in stranger ways.
    const reason = upload.reason ?? next.reason;
    log.error({ err: error, reason, toolOutput: next.toolOutput }, 'discarded');
    await settle(booth, upload, turn, { state: 'failed', reason, toolOutput: next.toolOutput });
    throw new UnrecoverableError(reason);
  }
}
