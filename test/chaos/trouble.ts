/** The trouble of a run: kills and outages, as planned, for as long as there is work. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import type { ChaosHouse } from './house.ts';
import type { Plan, PlannedKill, PlannedOutage } from './plan.ts';
import { type Random, randomOf } from './random.ts';
import { rendersBelow } from './watch-renders.ts';

interface Outage {
  readonly what: PlannedOutage['what'];
  readonly from: number;
  /** Infinity while it goes on. */
  to: number;
}

/** Times in ms since 1970. */
export interface Trouble {
  /** Kills that hit a running process. */
  readonly kills: { readonly who: string; readonly signal: string; readonly busy: boolean; readonly at: number }[];
  readonly outages: Outage[];
}

interface Making {
  readonly house: ChaosHouse;
  /** Past all wires. */
  readonly redis: Redis;
  readonly random: Random;
  readonly trouble: Trouble;
  readonly outageMs: number;
  readonly over: AbortSignal;
}

/** How long a partition goes on when the lease has ended: somebody else has taken the file over by then. */
const BEYOND_THE_LEASE_MS = 4_000;

interface TroublePlan {
  readonly plan: Plan;
  readonly outageMs: number;
  /** What has happened is added to it. */
  readonly trouble: Trouble;
}

/** Resolves when all of it has happened, or `over` says that there is nothing left to disturb. */
export async function makeTrouble(
  house: ChaosHouse,
  { plan, outageMs, trouble }: TroublePlan,
  over: AbortSignal,
): Promise<void> {
  const redis = new Redis(house.config.redisUrl, { maxRetriesPerRequest: 1, retryStrategy: () => 200 });
  redis.on('error', () => {});
  const making: Making = { house, redis, random: randomOf(plan.seed ^ 0x5eed), trouble, outageMs, over };
  try {
    await Promise.all([
      (async () => {
        for (const kill of plan.kills) await killOne(making, kill);
      })(),
      (async () => {
        for (const outage of plan.outages) await breakOne(making, outage);
      })(),
    ]);
  } finally {
    redis.disconnect();
  }
}

async function killOne(making: Making, { afterMs, who, signal }: PlannedKill): Promise<void> {
  const { house, random, trouble, over } = making;
  await wait(afterMs, over);
  // A kill falls where it hurts: until somebody renders, or the process that is meant is up again.
  while (!over.aborted) {
    const busy = await busyTranscoder(making);
    const name =
      who === 'busy' ? busy : who === 'transcoder' ? random.pick(['transcoder-1', ...house.transcoders]) : who;
    const pid = name === undefined ? undefined : await house.pidOf(name);
    if (name !== undefined && pid !== undefined && send(pid, signal)) {
      trouble.kills.push({ who: name, signal, busy: name === busy, at: Date.now() });
      return;
    }
    await wait(25, over);
  }
}

/** Name of the transcoder that holds a render slot, and has a process at a file: not one that is still starting. */
async function busyTranscoder({ house, redis }: Making): Promise<string | undefined> {
  const holders = await redis.zrange(ledgerKey.slots, 0, -1).catch(() => []);
  if (holders.length === 0) return undefined;
  const atIt = new Set([...rendersBelow(house.config.workDir)].map((render) => render.split('/')[0]));
  return holders.map((holder) => holder.split('/')[0]).find((name) => atIt.has(name));
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function breakOne(making: Making, { afterMs, what }: PlannedOutage): Promise<void> {
  const { house, outageMs, trouble, over } = making;
  await wait(afterMs, over);
  const mend = over.aborted ? undefined : await breaking[what](making);
  if (!mend) return;
  const outage: Outage = { what, from: Date.now(), to: Number.POSITIVE_INFINITY };
  trouble.outages.push(outage);
  await pause(what === 'partition' ? Math.max(outageMs, house.config.lease.leaseMs + BEYOND_THE_LEASE_MS) : outageMs);
  await mend();
  outage.to = Date.now();
}

/** Breaks something. @returns what mends it; undefined when there was nothing to break. */
const breaking: Readonly<Record<PlannedOutage['what'], (making: Making) => Promise<(() => unknown) | undefined>>> = {
  async 'redis hangs'({ house, over }) {
    // It may just have been killed, and not be up again.
    for (; !over.aborted; await wait(25, over)) {
      const pid = await house.pidOf('redis');
      if (pid !== undefined && send(pid, 'SIGSTOP')) return () => send(pid, 'SIGCONT');
    }
    return undefined;
  },
  async 'redis is cut off'({ house }) {
    const wires = [...house.redis.values()];
    for (const wire of wires) wire.cut();
    return () => {
      for (const wire of wires) wire.mend();
    };
  },
  async partition(making) {
    const { house, over } = making;
    const wireOfBusy = async () => house.redis.get((await busyTranscoder(making)) ?? '');
    let wire = await wireOfBusy();
    for (; !wire && !over.aborted; wire = await wireOfBusy()) await wait(25, over);
    wire?.cut();
    return wire && (() => wire.mend());
  },
  async smtp({ house }) {
    house.smtp.cut();
    return () => house.smtp.mend();
  },
  async storage({ house: { storage } }) {
    await storage.cut();
    return () => storage.mend();
  },
};

/** Ends at once when there is nothing left to disturb. */
const wait = (ms: number, over: AbortSignal) => pause(ms, undefined, { signal: over }).catch(() => {});
