/** Telling the operator that the house is not as it was. */
import type { HouseHealth } from '../house-health.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./tell-health.lua', import.meta.url), 2);
const HOUR_MS = 3_600_000;

/** Two mails about it are at least so far apart, whatever happens in between. @returns whether an alert was noted. */
export async function tellHealth(ledger: Ledger, { state, reasons }: HouseHealth, apartMs = HOUR_MS): Promise<boolean> {
  const keys = [ledgerKey.health, ledgerKey.alerts];
  return (await runScript(ledger, script, keys, [state, JSON.stringify(reasons), apartMs])) === 1;
}
