/** Progress reaches the ledger at most once a second. */
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { noteProgress, type Progress } from '../../shared/ledger/progress.ts';
import type { Turn } from '../../shared/ledger/start.ts';
import type { Logger } from '../../shared/logger.ts';

const PACE_MS = 1000;

/** Progress that comes sooner is dropped; a ledger that cannot be reached does not stop the render. */
export function paceProgress(ledger: Ledger, turn: Turn, log: Logger): (progress: Progress) => void {
  let noted = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - noted < PACE_MS) return;
    noted = now;
    noteProgress(ledger, turn, progress).catch((error) => log.warn({ err: error }, 'progress was not noted'));
  };
}
