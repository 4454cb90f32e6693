/** When the operator is told that the house is not as it was. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { watchHealth } from '../../services/notification/maintenance/watch-health.ts';
import type { HouseState } from '../../shared/house-health.ts';
import { readHealthReasons } from '../../shared/ledger/alerts.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { PATIENCE, type Patience, tellHealth } from '../../shared/ledger/tell-health.ts';
import { reportTranscoder } from '../../shared/ledger/transcoders.ts';
import { startDoor } from '../support/door.ts';
import { householdOf } from '../support/household.ts';

const at = { apartMs: 0, lastsMs: 0, blindMs: 60_000 };

const alerts = ({ redis }: Ledger) => redis.zrange(ledgerKey.alerts, 0, -1);

/** Lets the house seem to have been told, or to have been so, for longer. */
async function backdate({ redis }: Ledger, field: 'toldAt' | 'since' | 'lookedAt', ms: number) {
  await redis.hincrby(ledgerKey.health, field, -ms);
}

async function inLedger(
  use: (ledger: Ledger, tell: (state: HouseState, patience?: Partial<Patience>) => Promise<boolean>) => Promise<void>,
) {
  await using door = await startDoor();
  await use(door.ledger, (state, patience) =>
    tellHealth(door.ledger, { state, reasons: [`It is ${state}.`] }, { ...at, ...patience }),
  );
}

it('says nothing of a house that is well, and each change once', () =>
  inLedger(async (ledger, tell) => {
    expect(await tell('healthy')).toBe(false);
    expect(await tell('warning')).toBe(true);
    expect(await tell('warning')).toBe(false);
    expect(await tell('critical')).toBe(true);
    expect(await readHealthReasons(ledger)).toEqual(['It is critical.']);
    expect(await tell('healthy')).toBe(true);
    expect(await alerts(ledger)).toEqual([
      'health:healthy:warning',
      'health:warning:critical',
      'health:critical:healthy',
    ]);
  }));

it('not more than once an hour, and then how it is by that time, if it is not as it was told', () =>
  inLedger(async (ledger, tell) => {
    const hourly = { apartMs: PATIENCE.apartMs };
    expect(await tell('critical', hourly)).toBe(true);
    for (const state of ['healthy', 'critical', 'warning'] as const) expect(await tell(state, hourly)).toBe(false);
    await backdate(ledger, 'toldAt', PATIENCE.apartMs - 2000);
    expect(await tell('warning', hourly)).toBe(false);
    await backdate(ledger, 'toldAt', 2000);
    expect(await tell('critical', hourly)).toBe(false);
    expect(await tell('warning', hourly)).toBe(true);
    expect(await alerts(ledger)).toEqual(['health:healthy:critical', 'health:critical:warning']);
  }));

it('only of what has lasted', () =>
  inLedger(async (ledger, tell) => {
    const lasting = { lastsMs: 45_000 };
    expect(await tell('warning', lasting)).toBe(false);
    await backdate(ledger, 'since', 44_000);
    expect(await tell('warning', lasting)).toBe(false);
    // Another state begins anew.
    expect(await tell('healthy', lasting)).toBe(false);
    expect(await tell('warning', lasting)).toBe(false);
    await backdate(ledger, 'since', 45_000);
    expect(await tell('warning', lasting)).toBe(true);
  }));

it('not of a house that was down in between: how it was meanwhile, nobody knows', () =>
  inLedger(async (ledger, tell) => {
    const lasting = { lastsMs: 45_000 };
    expect(await tell('warning', lasting)).toBe(false);
    await backdate(ledger, 'since', 3_600_000);
    await backdate(ledger, 'lookedAt', 60_001);
    expect(await tell('warning', lasting)).toBe(false);
    await backdate(ledger, 'since', 45_000);
    expect(await tell('warning', lasting)).toBe(true);
  }));

it('of a house that has just been started, nothing, although no transcoder has said anything yet', async () => {
  await using door = await startDoor();
  const household = householdOf(door);
  await watchHealth(household);
  await pause(5);
  await watchHealth(household);
  expect(await readHealthReasons(door.ledger)).toEqual(['No transcoder has given a sign of life for half a minute.']);
  expect(await alerts(door.ledger)).toEqual([]);
  expect(await door.notification.getJob('alert-operator')).toBeUndefined();
  await backdate(door.ledger, 'since', PATIENCE.lastsMs);
  await watchHealth(household);
  expect(await alerts(door.ledger)).toEqual(['health:healthy:warning']);
  expect(await door.notification.getJob('alert-operator')).toBeDefined();

  await reportTranscoder(door.ledger, { name: 'a', freeBytes: Number.MAX_SAFE_INTEGER });
  await watchHealth(household);
  expect(await readHealthReasons(door.ledger)).toEqual([]);
});
