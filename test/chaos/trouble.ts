/** The trouble of a run: kills and outages, as planned, for as long as there is work. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import type { ChaosHouse } from './house.ts';
import type { Plan, PlannedKill, PlannedOutage } from './plan.ts';
import { type Random, randomOf } from './random.ts';

export interface Trouble {
  /** Kills that hit a running process. */
  readonly kills: { readonly who: string; readonly signal: string; readonly busy: boolean }[];
  readonly outages: string[];
}

/** Resolves when all of it has happened, or `over` says that there is nothing left to disturb. */
export async function makeTrouble(
  house: ChaosHouse,
  plan: Plan,
  outageMs: number,
  over: AbortSignal,
): Promise<Trouble> {
  const random = randomOf(plan.seed ^ 0x5eed);
  const trouble: Trouble = { kills: [], outages: [] };
  const redis = new Redis(house.config.redisUrl, { maxRetriesPerRequest: 1, retryStrategy: () => 200 });
  redis.on('error', () => {});
  try {
    await Promise.all([
      (async () => {
        for (const kill of plan.kills) await killOne(house, redis, kill, random, trouble, over);
      })(),
      (async () => {
        for (const outage of plan.outages) await breakOne(house, outage, outageMs, trouble, over);
      })(),
    ]);
  } finally {
    redis.disconnect();
  }
  return trouble;
}

async function killOne(
  house: ChaosHouse,
  redis: Redis,
  { afterMs, who, signal }: PlannedKill,
  random: Random,
  { kills }: Trouble,
  over: AbortSignal,
): Promise<void> {
  await pause(afterMs, undefined, { signal: over }).catch(() => {});
  // A kill falls where it hurts: until somebody renders, or the process that is meant is up again.
  while (!over.aborted) {
    const busy = await busyTranscoder(redis);
    const name =
      who === 'busy' ? busy : who === 'transcoder' ? random.pick(['transcoder-1', ...house.transcoders]) : who;
    const pid = name === undefined ? undefined : await house.pidOf(name);
    if (name !== undefined && pid !== undefined && send(pid, signal)) {
      kills.push({ who: name, signal, busy: name === busy });
      return;
    }
    await pause(25, undefined, { signal: over }).catch(() => {});
  }
}

/** Name of the transcoder that holds a render slot. */
async function busyTranscoder(redis: Redis): Promise<string | undefined> {
  const [holder] = await redis.zrange(ledgerKey.slots, 0, 0).catch(() => []);
  return holder?.split('/')[0];
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function breakOne(
  house: ChaosHouse,
  { afterMs, what }: PlannedOutage,
  outageMs: number,
  { outages }: Trouble,
  over: AbortSignal,
): Promise<void> {
  await pause(afterMs, undefined, { signal: over }).catch(() => {});
  if (over.aborted) return;
  if (what === 'redis') {
    const pid = await house.pidOf('redis');
    if (pid === undefined || !send(pid, 'SIGSTOP')) return;
    outages.push(what);
    await pause(outageMs);
    send(pid, 'SIGCONT');
    return;
  }
  const wire = what === 'smtp' ? house.smtp : house.storage;
  if (!wire) return;
  outages.push(what);
  wire.cut();
  await pause(outageMs);
  wire.mend();
}
