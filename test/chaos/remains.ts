/** What is left in Redis, on disk and in the process table. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { readDeadLetters } from '../../shared/ledger/dead-letters.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { openQueue } from '../../shared/queues.ts';
import { processesOf } from '../support/command-process.ts';
import type { ChaosHouse } from './house.ts';

export interface Remains {
  /** Keys of Redis, jobs, processes and directories that were looked at. */
  readonly lookedAt: number;
  /** What should not be there. */
  readonly left: readonly string[];
}

export async function readRemains(house: ChaosHouse, redis: Redis): Promise<Remains> {
  const all = [await leftInRedis(redis), await leftInQueues(redis), await leftOnDisk(house), await leftRunning(house)];
  return { lookedAt: all.reduce((sum, { lookedAt }) => sum + lookedAt, 0), left: all.flatMap(({ left }) => left) };
}

/** Whether something is still under way: alerts that are gathered, a transcoder that has just got Redis back. */
export async function isBusy(house: ChaosHouse): Promise<boolean> {
  const redis = new Redis(house.config.redisUrl, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    const { left } = await readRemains(house, redis);
    return left.length > 0 || (await redis.exists(ledgerKey.alerting)) === 1;
  } catch {
    return true;
  } finally {
    redis.disconnect();
  }
}

const EMPTY_WHEN_QUIET = [
  ledgerKey.queued,
  ledgerKey.unsettled,
  ledgerKey.due,
  ledgerKey.dueFiles,
  ledgerKey.unrecorded,
  ledgerKey.attempts,
  ledgerKey.slots,
  ledgerKey.alerts,
];

async function leftInRedis(redis: Redis): Promise<Remains> {
  const left: string[] = [];
  const keys = await redis.keys('*');
  for (const key of keys) if (key.endsWith(':lock') && !key.includes('maintenance')) left.push(`lock ${key}`);
  for (const index of EMPTY_WHEN_QUIET) {
    for (const member of await redis.zrange(index, 0, -1)) left.push(`${index}: ${member}`);
  }
  return { lookedAt: keys.length, left };
}

/** States of jobs that still have something to come. */
const TO_COME = ['active', 'wait', 'prioritized', 'delayed', 'waiting-children'] as const;

async function leftInQueues(redis: Redis): Promise<Remains> {
  const letters = await readDeadLetters(openLedger(redis));
  const left = letters
    .filter(({ state }) => state !== 'discarded')
    .map(({ id, state }) => `dead letter ${id}: ${state}`);
  const discarded = new Set(letters.map((letter) => (letter.kind === 'render' ? letter.upload : letter.id)));
  let lookedAt = letters.length;
  for (const name of ['transcode', 'dead-letter', 'notification'] as const) {
    const queue = openQueue(name, redis);
    for (const [state, count] of Object.entries(await queue.getJobCounts(...TO_COME))) {
      lookedAt += count;
      if (count > 0) left.push(`queue ${name}: ${count} ${state}`);
    }
    for (const { id, data } of await queue.getFailed()) {
      lookedAt++;
      const isKept =
        name !== 'transcode' && discarded.has(String(name === 'dead-letter' ? data.upload : `mail-${data.batch}`));
      if (!isKept) left.push(`queue ${name}: ${id} failed, and nobody took it up`);
    }
    await queue.close();
  }
  return { lookedAt, left };
}

async function leftOnDisk({ config }: ChaosHouse): Promise<Remains> {
  const workers = await readdir(config.workDir).catch(() => []);
  const renders = await Promise.all(
    workers.map(async (worker) => (await readdir(join(config.workDir, worker))).map((name) => `${worker}/${name}`)),
  );
  return { lookedAt: workers.length, left: renders.flat().map((name) => `scratch ${name}`) };
}

async function leftRunning({ config }: ChaosHouse): Promise<Remains> {
  const processes = await processesOf(config.dataDir);
  const tools = processes.filter((line) => /ffmpeg|ffprobe|image-process/.test(line));
  return { lookedAt: processes.length, left: tools.map((line) => `process ${line}`) };
}
