/** The main queue gives an upload up: it becomes a dead letter, which has one more try. */
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./give-up.lua', import.meta.url), 5);
const givenUp = z.enum(['dead-letter', 'settled', 'unknown', 'stale', 'superseded']);

export interface GivenUp {
  readonly upload: string;
  readonly round: number;
  /** undefined when no run says it: the queue itself has failed the job. */
  readonly run: string | undefined;
  readonly reason: string;
  /** What ffmpeg or libvips said last. */
  readonly toolOutput: string | undefined;
  /** Id of the job in the main queue. */
  readonly job: string;
}

/** Repeating it changes nothing. Only `dead-letter` calls for the last try. */
export async function giveUpUpload(ledger: Ledger, given: GivenUp): Promise<z.infer<typeof givenUp>> {
  const { upload, round, run, reason, toolOutput, job } = given;
  const keys = [
    ledgerKey.upload(upload),
    ledgerKey.queued,
    ledgerKey.deadLetter(upload),
    ledgerKey.deadLetters,
    ledgerKey.counters,
  ];
  return givenUp.parse(
    await runScript(ledger, script, keys, [upload, round, run ?? '', reason, toolOutput ?? '', job]),
  );
}
