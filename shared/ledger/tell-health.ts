/** Telling the operator that the house is not as it was. */
import type { HouseHealth } from '../house-health.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./tell-health.lua', import.meta.url), 2);

export interface Patience {
  /** Two mails about it are at least so far apart, whatever happens in between. */
  readonly apartMs: number;
  /** What passes sooner is not told: at every start there is no transcoder for a moment. */
  readonly lastsMs: number;
  /** When nobody has looked for so long, nobody knows whether it was the same meanwhile. */
  readonly blindMs: number;
}

/** It is looked at once a minute, so a state is told when it is seen for the second time. */
export const PATIENCE: Patience = { apartMs: 3_600_000, lastsMs: 45_000, blindMs: 150_000 };

/** @returns whether an alert was noted. */
export async function tellHealth(
  ledger: Ledger,
  { state, reasons }: HouseHealth,
  { apartMs, lastsMs, blindMs }: Patience = PATIENCE,
): Promise<boolean> {
  const keys = [ledgerKey.health, ledgerKey.alerts];
  return (await runScript(ledger, script, keys, [state, JSON.stringify(reasons), apartMs, lastsMs, blindMs])) === 1;
}
