/** Notices that a render gets no further. */

export interface StallWatch extends Disposable {
  /** Aborted when there was no progress for so long. */
  readonly signal: AbortSignal;
  /** To be told how many seconds of media are done; only more than before is progress. */
  reached(seconds: number): void;
}

export function watchStall(afterMs: number): StallWatch {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), afterMs);
  let furthest = 0;
  return {
    signal: controller.signal,
    reached(seconds) {
      if (seconds <= furthest) return;
      furthest = seconds;
      timer.refresh();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
