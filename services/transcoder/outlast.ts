/** Waiting in place for a dependency that is away: it costs no attempt, and whoever looks at the upload sees it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Turn } from '../../shared/ledger/start.ts';
import { noteWaiting } from '../../shared/ledger/waiting.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Booth } from './booth.ts';
import { awayDependency } from './next-step.ts';

/** Does the work until it succeeds or fails for another reason than a dependency that is away. */
export type Outlast = <T>(work: () => Promise<T>) => Promise<T>;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/** The work must bear to be repeated. @throws what the work throws; the signal's reason when aborted while waiting. */
export function outlasting(booth: Pick<Booth, 'ledger'>, turn: Turn, signal: AbortSignal, log: Logger): Outlast {
  const show = (what: string | undefined) =>
    noteWaiting(booth.ledger, turn, what).catch((error) => log.warn({ err: error }, 'waiting was not noted'));
  return async (work) => {
    let waited = false;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        const done = await work();
        if (waited) await show(undefined);
        return done;
      } catch (error) {
        signal.throwIfAborted();
        const what = awayDependency(error);
        if (what === undefined) throw error;
        waited = true;
        log.warn({ err: error, pauseMs }, `waiting in place: ${what}`);
        void show(`${what}; it is tried again until it can`);
        await pause(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  };
}
