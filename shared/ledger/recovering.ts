/** The right to recover the ledger: one process has it at a time, and loses it when it is silent. */
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const hold = loadScript(new URL('./hold-recovery.lua', import.meta.url), 1);
const release = loadScript(new URL('./release-recovery.lua', import.meta.url), 1);

/** Takes it or renews it. @returns false while somebody else has it. */
export async function holdRecovery(ledger: Ledger, token: string, ms: number): Promise<boolean> {
  return (await runScript(ledger, hold, [ledgerKey.recovering], [token, ms])) === 1;
}

export async function releaseRecovery(ledger: Ledger, token: string): Promise<void> {
  await runScript(ledger, release, [ledgerKey.recovering], [token]);
}
