/**
 * What the operator has to be told. A mail about it names a claim, which is outstanding until that mail was sent: should a
 * process die in between, the next mail is about the same and has the same Message-ID.
 */
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const claim = loadScript(new URL('./claim-alerts.lua', import.meta.url), 2);
const alerted = loadScript(new URL('./alerted.lua', import.meta.url), 2);

const members = z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text)));
const claimed = z.union([
  z.tuple([z.string(), members]).transform(([id, members]) => ({ id, members })),
  z.tuple([]).transform(() => undefined),
]);

export interface AlertClaim {
  readonly id: string;
  /** Ids of dead letters, and `health:<from>:<to>` for a change of the house's state; the oldest first. */
  readonly members: readonly string[];
}

/** @returns the claim that is outstanding, else a new one of all that has come together; undefined when there is nothing. */
export async function claimAlerts(ledger: Ledger): Promise<AlertClaim | undefined> {
  return claimed.parse(await runScript(ledger, claim, [ledgerKey.alerts, ledgerKey.alerting], [uuidv7()]));
}

/** @param how `dropped`: nobody is going to be told by mail. Repeating it changes nothing. */
export async function noteAlerted(ledger: Ledger, claim: string, how: 'sent' | 'dropped'): Promise<void> {
  await runScript(ledger, alerted, [ledgerKey.alerting, ledgerKey.counters], [claim, how === 'sent' ? 1 : 0]);
}

/** Whether the operator has to be told of anything. */
export async function hasAlerts({ redis }: Ledger): Promise<boolean> {
  return (await redis.exists(ledgerKey.alerts, ledgerKey.alerting)) > 0;
}

/** Why the house is in the state it is in; empty when all is well, or nobody has looked yet. */
export async function readHealthReasons({ redis }: Ledger): Promise<string[]> {
  const reasons = await redis.hget(ledgerKey.health, 'reasons');
  return reasons === null ? [] : z.array(z.string()).parse(JSON.parse(reasons));
}
