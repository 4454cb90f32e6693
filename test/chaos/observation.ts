/** What a run left: as the API, the mails, the store, Redis and the process table tell it, once everything was quiet. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import type { UploadView } from '../../services/upload/views.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { readBatch, readUpload } from '../../shared/ledger/read.ts';
import { createLogger } from '../../shared/logger.ts';
import { publishedManifest } from '../../shared/published-manifest.ts';
import { openQueue } from '../../shared/queues.ts';
import { openStorage } from '../../shared/storage/open.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { processesOf } from '../support/command-process.ts';
import type { FaultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import { caughtMails } from '../support/mails.ts';
import { listAllKeys, listKeys } from '../support/stored.ts';
import { type ChaosHouse, OPERATOR } from './house.ts';
import type { Acknowledged, Instructor } from './instructor.ts';
import type { Trouble } from './trouble.ts';
import type { RenderWatch } from './watch-renders.ts';

/** What was made of a file: the state, and of each variant what must be the same in any run. */
export interface Result {
  readonly state: string;
  /** `720p.mp4 1280×720 2.0 s`, for pictures with a hash of the bytes; sorted. */
  readonly variants: readonly string[];
}

export interface SeenMail {
  /** ms since 1970. */
  readonly at: number;
  readonly to: string;
  readonly messageId: string;
  readonly text: string;
}

export interface Observation {
  readonly acknowledged: readonly Acknowledged[];
  readonly uploads: readonly UploadView[];
  readonly batches: readonly string[];
  readonly results: ReadonlyMap<string, Result>;
  /** Renders by ffmpeg that were begun. */
  readonly renders: number;
  /** Uploads in the order of their first renders, as the transcoders' logs have it. */
  readonly rendered: readonly string[];
  readonly beside: { readonly looks: number; readonly overlaps: readonly string[] };
  readonly mails: readonly SeenMail[];
  readonly operator: string;
  readonly trouble: Trouble;
  readonly repeatedRequests: number;
  readonly remains: Remains;
}

interface Remains {
  /** Objects, keys of Redis, processes and directories that were looked at. */
  readonly lookedAt: number;
  /** What should not be there. */
  readonly left: readonly string[];
}

export interface Watching {
  readonly ffmpeg: FaultyFfmpeg;
  readonly renders: RenderWatch;
  readonly trouble: Trouble;
}

export async function observe(
  house: ChaosHouse,
  instructor: Instructor,
  { ffmpeg, renders, trouble }: Watching,
): Promise<Observation> {
  const storage = await openStorage(house.config.storage);
  const redis = new Redis(house.config.redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  try {
    await tidy(house, storage, redis);
    const batches = await Promise.all(
      instructor.batches.map(async (id) => (await instructor.client.readBatch(id)).body),
    );
    const uploads = batches.flatMap((batch) => batch.uploads).sort((a, b) => a.sequence - b.sequence);
    const results = new Map<string, Result>();
    for (const { id } of uploads) results.set(id, await resultOf(storage, redis, id));
    return {
      acknowledged: instructor.acknowledged,
      uploads,
      batches: instructor.batches,
      results,
      renders: await ffmpeg.renders(),
      rendered: await firstRenders(house),
      beside: { looks: renders.looks(), overlaps: [...(await ffmpeg.overlaps()), ...renders.overlaps] },
      mails: await seenMails(house),
      operator: OPERATOR,
      trouble,
      repeatedRequests: instructor.repeated(),
      remains: together([
        await leftInStore(storage, redis),
        await leftInRedis(redis),
        await leftOnDisk(house),
        await leftRunning(house),
      ]),
    };
  } finally {
    redis.disconnect();
    storage.close();
  }
}

const together = (all: readonly Remains[]): Remains => ({
  lookedAt: all.reduce((sum, { lookedAt }) => sum + lookedAt, 0),
  left: all.flatMap(({ left }) => left),
});

async function seenMails({ mailDirectory }: ChaosHouse): Promise<SeenMail[]> {
  const mails = await caughtMails(mailDirectory);
  return mails.map(({ receivedAt, to, messageId = '', text = '' }) => ({
    at: receivedAt,
    to: [to]
      .flat()
      .map((one) => one?.text ?? '')
      .join(),
    messageId,
    text,
  }));
}

/** One round of the reconciler for which everything that nobody owns is old: it need not be waited for an hour. */
async function tidy(house: ChaosHouse, storage: Storage, redis: Redis): Promise<void> {
  const queues = ['transcode', 'dead-letter', 'notification'] as const;
  const [transcode, deadLetter, notification] = queues.map((name) => openQueue(name, redis));
  if (!transcode || !deadLetter || !notification) throw new Error('three names give three queues');
  const config = { ...house.config, upkeep: { ...house.config.upkeep, unownedAfterMs: -1000 } };
  const log = createLogger('chaos', { logLevel: 'silent' });
  await reconcile({ config, ledger: openLedger(redis), storage, transcode, deadLetter, notification, log });
  await Promise.all([transcode, deadLetter, notification].map((queue) => queue.close()));
}

async function resultOf(storage: Storage, redis: Redis, id: string): Promise<Result> {
  const upload = await readUpload(openLedger(redis), id);
  if (!upload) return { state: 'unknown', variants: [] };
  const manifest = await publishedManifest(storage, upload);
  const variants = await Promise.all(
    (manifest?.variants ?? []).map(async ({ file, key, contentType, width, height, durationSeconds }) => {
      const probed = `${file} ${width}×${height} ${durationSeconds?.toFixed(1)} s`;
      const bytes = await buffer(await storage.read(key));
      return upload.kind === 'image' && contentType.startsWith('image/')
        ? `${probed} ${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`
        : probed;
    }),
  );
  return { state: upload.state, variants: variants.sort() };
}

async function leftInStore(storage: Storage, redis: Redis): Promise<Remains> {
  const ledger = openLedger(redis);
  const named = new Set<string>();
  for (const key of await listKeys(storage, 'records/')) {
    const [, batch = ''] = key.split('/');
    for (const upload of (await readBatch(ledger, batch))?.uploads ?? []) {
      named.add(upload.original);
      const manifest = await publishedManifest(storage, upload);
      for (const variant of manifest?.variants ?? []) named.add(variant.key);
    }
  }
  const keys = await listAllKeys(storage);
  const stray = keys.filter((key) => !key.startsWith('records/') && !key.endsWith('/manifest.json') && !named.has(key));
  const half = await storage.removeUnfinished(new Date(Date.now() + 60_000));
  return {
    lookedAt: keys.length,
    left: [...stray.map((key) => `object ${key}`), ...(half > 0 ? [`${half} half-written objects`] : [])],
  };
}

const EMPTY_WHEN_QUIET = [
  ledgerKey.queued,
  ledgerKey.unsettled,
  ledgerKey.due,
  ledgerKey.unrecorded,
  ledgerKey.attempts,
  ledgerKey.slots,
  ledgerKey.alerts,
];

async function leftInRedis(redis: Redis): Promise<Remains> {
  const left: string[] = [];
  const keys = await redis.keys('*');
  for (const key of keys) if (key.endsWith(':lock') && !key.includes('maintenance')) left.push(`lock ${key}`);
  for (const name of ['transcode', 'dead-letter', 'notification'] as const) {
    const queue = openQueue(name, redis);
    const { active = 0, wait = 0 } = await queue.getJobCounts('active', 'wait');
    await queue.close();
    if (active + wait > 0) left.push(`queue ${name}: ${active} active, ${wait} waiting`);
  }
  for (const index of EMPTY_WHEN_QUIET) {
    for (const member of await redis.zrange(index, 0, -1)) left.push(`${index}: ${member}`);
  }
  return { lookedAt: keys.length, left };
}

/** Whether something is still under way: alerts that are gathered, a transcoder that has just got Redis back. */
export async function isBusy(house: ChaosHouse): Promise<boolean> {
  const redis = new Redis(house.config.redisUrl, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    const { left } = together([await leftInRedis(redis), await leftOnDisk(house), await leftRunning(house)]);
    return left.length > 0 || (await redis.exists(ledgerKey.alerting)) === 1;
  } catch {
    return true;
  } finally {
    redis.disconnect();
  }
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

/** By the clocks of the transcoders, which are one on one machine. */
async function firstRenders({ logDirectory, transcoders }: ChaosHouse): Promise<string[]> {
  const lines = await Promise.all(
    transcoders.map(async (name) => (await readFile(join(logDirectory, `${name}.log`), 'utf8')).split('\n')),
  );
  const begun = lines
    .flat()
    .filter((line) => line.includes('"msg":"rendering"'))
    .map((line) => z.object({ time: z.string(), upload: z.string() }).parse(JSON.parse(line)))
    .sort((a, b) => (a.time < b.time ? -1 : 1));
  return [...new Set(begun.map(({ upload }) => upload))];
}
