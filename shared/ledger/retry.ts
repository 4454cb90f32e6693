/** A try failed, and another one follows in place. */
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';
import type { Turn } from './start.ts';

const script = loadScript(new URL('./retry.lua', import.meta.url), 2);

/** @param reason is shown while it is tried again. */
export async function noteFailedTry(ledger: Ledger, { upload, run }: Turn, reason: string): Promise<void> {
  await runScript(ledger, script, [ledgerKey.upload(upload), ledgerKey.counters], [run, reason]);
}
