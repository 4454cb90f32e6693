/** The main queue's walk of one job: slot ▸ start ▸ tries in place ▸ settle, or give up. */
import { setTimeout as pause } from 'node:timers/promises';
import { UnrecoverableError } from 'bullmq';
import { giveUpUpload } from '../../shared/ledger/give-up.ts';
import { readUpload, type UploadEntry } from '../../shared/ledger/read.ts';
import { requeueUpload } from '../../shared/ledger/requeue.ts';
import { noteFailedTry } from '../../shared/ledger/retry.ts';
import { startUpload, type Turn } from '../../shared/ledger/start.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Manifest } from '../../shared/manifest.ts';
import type { Payload } from '../../shared/queues.ts';
import { attempt } from './attempt.ts';
import type { Booth } from './booth.ts';
import { awayDependency, nextStep, retryPause } from './next-step.ts';
import { outlasting } from './outlast.ts';
import { holdSlot } from './render-slot.ts';
import { settle, settleAgain } from './settle.ts';

export interface JobRun {
  /** Id of the job. */
  readonly job: string;
  /** Unique to this process' work on the job. */
  readonly run: string;
  /** Aborted when the house stops. */
  readonly signal: AbortSignal;
}

/** A file over which so many processes have died is what kills them. Kills by hand and by the system stay far below. */
const MAX_DEATHS = 20;
const KILLS_US = 'The file makes our renderer crash. Please export it again as MP4 (H.264 and AAC).';

/**
 * Renders one upload, holding its place in the order over all its tries. Safe to run again at any point: what is settled
 * stays settled, what is published is not rendered twice.
 * @throws UnrecoverableError when the upload is given up: it has become a dead letter; the signal's reason when aborted,
 *   LeaseLost, or the error of a Redis that takes nothing, and then the upload goes back to the queue with no attempt used.
 */
export async function renderUpload(
  booth: Booth,
  { batch, upload: id, round }: Payload<'transcode', 'render'>,
  { job, run, signal: stop }: JobRun,
): Promise<void> {
  const { ledger } = booth;
  const log = booth.log.child({ batch, upload: id, job });
  const turn: Turn = { upload: id, round, run };
  const upload = await readUpload(ledger, id);
  if (!upload) {
    // Its registration was refused after the enqueue: nobody waits for it.
    log.info('the ledger does not know this upload, nothing to do');
    return;
  }
  await using slot = await holdSlot(booth, upload, 'first', stop);
  try {
    const start = await startUpload(ledger, turn, 'first');
    switch (start.outcome) {
      case 'settled':
        return await settleAgain(booth, upload.id);
      case 'dead-letter':
        throw new UnrecoverableError(start.reason);
      case 'unknown':
      case 'stale':
        log.info({ outcome: start.outcome }, 'nothing to do');
        return;
      case 'started':
    }
    if (start.deaths > MAX_DEATHS) {
      log.error({ deaths: start.deaths }, 'too many processes died over this upload');
      return await giveUp(booth, turn, job, { reason: KILLS_US, toolOutput: `${start.deaths} processes died over it` });
    }
    const manifest = await tries(booth, upload, { turn, job, signal: slot.signal, log }, start.attempt);
    await settle(booth, upload, turn, { state: 'ready', ...manifest });
    log.info({ variants: manifest.variants.length }, 'ready');
  } catch (error) {
    if (slot.signal.aborted || awayDependency(error) !== undefined) await requeueUpload(ledger, id, run);
    slot.signal.throwIfAborted();
    throw error;
  }
}

interface Tries {
  readonly turn: Turn;
  readonly job: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Tries until one succeeds. The job is kept meanwhile, and with it the order. */
async function tries(booth: Booth, upload: UploadEntry, run: Tries, first: number): Promise<Manifest> {
  const { turn, job, signal, log } = run;
  const { retryAttempts, retryBaseMs } = booth.config;
  const outlast = outlasting(booth, turn, signal, log);
  for (let number = first; ; number++) {
    try {
      return await outlast(() => attempt(booth, upload, { turn, number, signal, lenient: false, log }));
    } catch (error) {
      signal.throwIfAborted();
      const next = nextStep(error, number, retryAttempts);
      if (next.step === 'wait') throw error;
      const { step, reason, toolOutput } = next;
      log.error({ err: error, attempt: number, reason, toolOutput }, step === 'retry' ? 'a try failed' : 'given up');
      if (step === 'give-up') return await giveUp(booth, turn, job, next);
      await noteFailedTry(booth.ledger, turn, reason);
    }
    const pauseMs = retryPause(number, retryBaseMs, Math.random());
    log.info({ pauseMs }, 'trying again in place');
    await pause(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    await startUpload(booth.ledger, turn, 'first');
  }
}

async function giveUp(
  { ledger }: Booth,
  { upload, round, run }: Turn,
  job: string,
  { reason, toolOutput }: { readonly reason: string; readonly toolOutput: string | undefined },
): Promise<never> {
  await giveUpUpload(ledger, { upload, round, run, job, reason, toolOutput });
  throw new UnrecoverableError(reason);
}
