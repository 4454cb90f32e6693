/** What a part of the stack is started with: who runs its programs, who waits for them, who stops them. */
import type { ComingUp } from './all-come-up.ts';
import type { Program } from './run-program.ts';
import type { Supervised } from './supervise.ts';

export interface Starting {
  /** What was started, stopped in reverse order. */
  readonly owned: AsyncDisposableStack;
  /** Starts a program and keeps it running. Who calls this hands its `stop` to `owned`. */
  readonly supervise: (program: Program) => Promise<Supervised>;
  /** Resolves when all of them are up; throws what `allComeUp` throws. */
  readonly comeUp: (group: readonly ComingUp[]) => Promise<void>;
}
