/**
 * Watching over the ledger's epoch: a Redis that has lost everything is rebuilt from the bucket, by whichever service sees
 * it first, and until then nobody works on half a ledger.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { currentEpoch } from '../ledger/epoch.ts';
import type { Rebuilding } from './recover.ts';
import { recoverAlone } from './recover-alone.ts';

const LOOK_EVERY_MS = 2_000;
/** How often a recovery that takes long says how far it is. */
const SAY_EVERY_MS = 2_000;

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
  const { log } = rebuilding;
  const begun = performance.now();
  let saidAt = begun;
  const recovered = await recoverAlone(rebuilding, (progress) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    log.info(progress, 'recovering');
  });
  if (!recovered || recovered.uploads === 0) return;
  log.warn({ ...recovered, seconds: (performance.now() - begun) / 1000 }, 'the ledger was rebuilt from the bucket');
}
