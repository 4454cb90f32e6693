/** The first step of every render: the ledger says whether there is anything to do. */
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./start.lua', import.meta.url), 4);

const start = z.union([
  z
    .tuple([z.literal('started'), z.int(), z.int()])
    .transform(([outcome, attempt, deaths]) => ({ outcome, attempt, deaths })),
  z.tuple([z.literal('dead-letter'), z.string()]).transform(([outcome, reason]) => ({ outcome, reason })),
  z.tuple([z.enum(['settled', 'unknown', 'stale'])]).transform(([outcome]) => ({ outcome })),
]);

/**
 * - `started`: `attempt` counts tries from 1; a try that was killed or stopped is begun again as itself. `deaths` are the
 *   processes that died over this upload.
 * - `dead-letter`: the main queue has given it up before, with this reason.
 * - `settled`, `unknown`, `stale`: nothing to do; a stale job belongs to another round.
 */
export type Start = z.infer<typeof start>;

/** One upload's render, as its job names it. */
export interface Turn {
  readonly upload: string;
  /** From 0; each replay begins another. */
  readonly round: number;
  /** Unique to one process' work on it; what another run says afterwards does not count. */
  readonly run: string;
}

/** @param queue `first`: the main queue; `last`: the dead-letter queue. */
export async function startUpload(
  ledger: Ledger,
  { upload, round, run }: Turn,
  queue: 'first' | 'last',
): Promise<Start> {
  const keys = [ledgerKey.upload(upload), ledgerKey.queued, ledgerKey.counters, ledgerKey.deadLetter(upload)];
  return start.parse(await runScript(ledger, script, keys, [upload, run, round, queue]));
}
