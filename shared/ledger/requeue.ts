/** A stopped render goes back to its place in the queue. */
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./requeue.lua', import.meta.url), 4);

/** @param run the run that gives it back; undefined for whichever a dead process left, which counts as a death. */
export async function requeueUpload(ledger: Ledger, upload: string, run: string | undefined): Promise<void> {
  const keys = [ledgerKey.upload(upload), ledgerKey.queued, ledgerKey.deadLetter(upload), ledgerKey.counters];
  await runScript(ledger, script, keys, [upload, run ?? '']);
}
