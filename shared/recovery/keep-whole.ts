/**
 * Watching over the ledger's epoch: a Redis that has lost everything is rebuilt from the bucket, by whichever service sees
 * it first, and until then nobody works on half a ledger.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { beginEpoch, currentEpoch } from '../ledger/epoch.ts';
import { ledgerKey } from '../ledger/keys.ts';
import { type Rebuilding, recover } from './recover.ts';

const LOOK_EVERY_MS = 2_000;
/** The one who recovers says so often enough that nobody else begins; dead, it is replaced after this. */
const LOCK_MS = 15_000;

export interface Wholeness extends Disposable {
  /** Resolves when the ledger is whole for the first time. */
  readonly whole: Promise<void>;
}

/**
 * Watches until it is disposed.
 * @param onEpoch told whenever the ledger is found whole under another epoch than before, also at first: what services
 *   keep in Redis beside the ledger is gone then.
 */
export function keepWhole(rebuilding: Rebuilding, onEpoch: () => Promise<void>): Wholeness {
  const stop = new AbortController();
  const first = Promise.withResolvers<void>();
  void watch(rebuilding, onEpoch, first.resolve, stop.signal);
  return { whole: first.promise, [Symbol.dispose]: () => stop.abort() };
}

async function watch(
  rebuilding: Rebuilding,
  onEpoch: () => Promise<void>,
  whole: () => void,
  stop: AbortSignal,
): Promise<void> {
  const { ledger, log } = rebuilding;
  let known: string | undefined;
  while (!stop.aborted) {
    try {
      const epoch = await currentEpoch(ledger);
      if (epoch === undefined) {
        if (known !== undefined) log.error('Redis has lost the ledger');
        known = undefined;
        await recoverUnlessOthersDo(rebuilding);
        // Whoever did it, the epoch is there now or will be soon.
        if ((await currentEpoch(ledger)) !== undefined) continue;
      } else if (epoch !== known) {
        await onEpoch();
        known = epoch;
        whole();
      }
    } catch (error) {
      log.warn({ err: error }, 'the ledger could not be looked after');
    }
    await pause(LOOK_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
}

async function recoverUnlessOthersDo(rebuilding: Rebuilding): Promise<void> {
  const { ledger, log } = rebuilding;
  const token = randomUUID();
  if ((await ledger.redis.set(ledgerKey.recovering, token, 'PX', LOCK_MS, 'NX')) === null) return;
  const renewal = setInterval(() => {
    ledger.redis.pexpire(ledgerKey.recovering, LOCK_MS).catch(() => {});
  }, LOCK_MS / 3);
  try {
    const begun = performance.now();
    let saidAt = begun;
    const recovered = await recover(rebuilding, (progress) => {
      if (performance.now() - saidAt < 2_000) return;
      saidAt = performance.now();
      log.info(progress, 'recovering');
    });
    await beginEpoch(ledger, uuidv7());
    const seconds = (performance.now() - begun) / 1000;
    if (recovered.uploads > 0) log.warn({ ...recovered, seconds }, 'the ledger was rebuilt from the bucket');
  } finally {
    clearInterval(renewal);
    await ledger.redis.del(ledgerKey.recovering);
  }
}
