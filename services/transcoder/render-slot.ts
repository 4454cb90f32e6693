/**
 * Holding a render slot: waited for, renewed while the render runs, given back afterwards. A transcoder that cannot say
 * that it lives stops its render before the lease ends, so that two never work on one file (partition, paused machine).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { readUpload, type UploadEntry } from '../../shared/ledger/read.ts';
import { releaseSlot, renewSlot, type SlotWish, slotHolder, takeSlot } from '../../shared/ledger/slots.ts';
import type { Booth } from './booth.ts';

/** Reason of the abort when the slot was lost: the work on the upload is no longer ours. */
export class LeaseLost extends Error {
  constructor(why: string) {
    super(`the render slot was lost: ${why}`);
    this.name = 'LeaseLost';
  }
}

/** An upload that comes first waits for a worker, which may be ours: this one has to go back behind it. */
export class OutOfTurn extends Error {
  constructor(first: string) {
    super(`upload ${first} comes first and is in the queue`);
    this.name = 'OutOfTurn';
  }
}

export interface HeldSlot extends AsyncDisposable {
  /** Aborted when the job is, or with LeaseLost when the slot is lost. */
  readonly signal: AbortSignal;
}

const ASK_EVERY_MS = 100;
/** A wish that is not renewed lapses, so that a killed process holds nobody up. */
const WISH_MS = 3_000;
/** How often one that is out of turn looks whether it has to go back. */
const LOOK_EVERY_MS = 1_000;
/** Within this the reconciler gives a job to an upload that has none. */
const RECONCILED_WITHIN_MS = 60_000;
/** The render is stopped when so much of the lease has passed without an answer. */
const WATCHDOG_SHARE = 0.9;
/** Before every upload: a waiting dead letter goes next after the render that is running. */
const DEAD_LETTERS_FIRST = -1e12;

/**
 * @param queue `first`: the main queue, in upload order; `last`: dead letters, which go first.
 * @throws the signal's reason when aborted, OutOfTurn; the slot is not taken then.
 */
export async function holdSlot(
  booth: Booth,
  upload: Pick<UploadEntry, 'id' | 'sequence' | 'place'>,
  queue: 'first' | 'last',
  signal: AbortSignal,
): Promise<HeldSlot> {
  const { ledger, config, log } = booth;
  const { leaseMs, renewMs, stalledCheckMs } = config.lease;
  const holder = slotHolder(config.workerName, queue);
  const place = upload.place ?? upload.sequence;
  const wish: Omit<SlotWish, 'inItsTurn'> = {
    holder,
    rank: queue === 'first' ? place : place + DEAD_LETTERS_FIRST,
    slots: config.transcodeConcurrency,
    leaseMs,
    wishMs: WISH_MS,
  };
  // Until then what a killed process had fetched is in the queue again, and what was lost has a job.
  const patienceMs = leaseMs + stalledCheckMs + RECONCILED_WITHIN_MS;
  let outOfTurnSince: number | undefined;
  let lookedAt = 0;
  let answeredAt = performance.now();
  try {
    for (;;) {
      signal.throwIfAborted();
      const askedAt = performance.now();
      const patient = queue === 'first' && askedAt - (outOfTurnSince ?? askedAt) < patienceMs;
      const answer = await takeSlot(ledger, { ...wish, inItsTurn: patient ? upload.id : undefined });
      if (answer === 'taken') {
        answeredAt = askedAt;
        break;
      }
      if (answer === 'out-of-turn') {
        outOfTurnSince ??= askedAt;
        if (askedAt - lookedAt > LOOK_EVERY_MS) {
          lookedAt = askedAt;
          await goBackBehind(booth, place);
        }
      } else if (patient) outOfTurnSince = undefined;
      await pause(ASK_EVERY_MS, undefined, { signal });
    }
  } catch (error) {
    await releaseSlot(ledger, holder);
    signal.throwIfAborted();
    throw error;
  }

  const lost = new AbortController();
  const renewal = setInterval(async () => {
    const askedAt = performance.now();
    try {
      if (await renewSlot(ledger, holder, leaseMs)) answeredAt = Math.max(answeredAt, askedAt);
      else lost.abort(new LeaseLost('its lease had ended'));
    } catch (error) {
      log.warn({ err: error }, 'the render slot was not renewed');
    }
  }, renewMs);
  const watchdog = setInterval(() => {
    if (performance.now() - answeredAt > WATCHDOG_SHARE * leaseMs) lost.abort(new LeaseLost('Redis does not answer'));
  }, renewMs / 4);
  return {
    signal: AbortSignal.any([signal, lost.signal]),
    async [Symbol.asyncDispose]() {
      clearInterval(renewal);
      clearInterval(watchdog);
      // One that was lost may be somebody else's by now, but not under our name: each holder has one of its own. Where it
      // cannot be given back it lapses, which must not hide how the render ended.
      await releaseSlot(ledger, holder).catch((error) =>
        log.warn({ err: error }, 'the render slot was not given back'),
      );
    },
  };
}

/** @throws OutOfTurn when the next one in the queue stands before this place. */
async function goBackBehind({ ledger, transcode }: Booth, place: number): Promise<void> {
  const [next] = await transcode.getWaiting(0, 0);
  const first = next && (await readUpload(ledger, String(next.data.upload)));
  if (first?.state === 'queued' && (first.place ?? first.sequence) < place) throw new OutOfTurn(first.id);
}
