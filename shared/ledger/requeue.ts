/** A stopped render goes back to its place in the queue. */
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./requeue.lua', import.meta.url), 2);

export async function requeueUpload(ledger: Ledger, upload: string): Promise<void> {
  await runScript(ledger, script, [ledgerKey.upload(upload), ledgerKey.queued], [upload]);
}
