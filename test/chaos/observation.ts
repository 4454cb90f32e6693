/** What a run left: as the API, the mails, the store, Redis and the process table tell it, once everything was quiet. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Redis } from 'ioredis';
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
import type { FaultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import { caughtMails } from '../support/mails.ts';
import { listAllKeys, listKeys } from '../support/stored.ts';
import { type ChaosHouse, OPERATOR } from './house.ts';
import type { Acknowledged, Instructor } from './instructor.ts';
import type { Trouble } from './trouble.ts';

/** What was made of a file: the state, and of each variant what must be the same in any run. */
export interface Result {
  readonly state: string;
  /** `720p.mp4 1280×720 2.0 s`, for pictures with a hash of the bytes; sorted. */
  readonly variants: readonly string[];
}

export interface SeenMail {
  readonly to: string;
  readonly messageId: string;
  readonly text: string;
}

export interface Observation {
  readonly acknowledged: readonly Acknowledged[];
  readonly uploads: readonly UploadView[];
  readonly batches: readonly string[];
  readonly results: ReadonlyMap<string, Result>;
  readonly overlaps: readonly string[];
  readonly renders: number;
  readonly mails: readonly SeenMail[];
  readonly operator: string;
  readonly trouble: Trouble;
  readonly repeatedRequests: number;
  /** What should not be there. */
  readonly left: readonly string[];
}

export async function observe(
  house: ChaosHouse,
  instructor: Instructor,
  ffmpeg: FaultyFfmpeg,
  trouble: Trouble,
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
    const mails = (await caughtMails(house.mailDirectory)).map(({ to, messageId = '', text = '' }) => ({
      to: [to]
        .flat()
        .map((one) => one?.text ?? '')
        .join(),
      messageId,
      text,
    }));
    return {
      acknowledged: instructor.acknowledged,
      uploads,
      batches: instructor.batches,
      results,
      overlaps: await ffmpeg.overlaps(),
      renders: await ffmpeg.renders(),
      mails,
      operator: OPERATOR,
      trouble,
      repeatedRequests: instructor.repeated(),
      left: [...(await leftInStore(storage, redis)), ...(await leftInRedis(redis)), ...(await leftOnDisk(house))],
    };
  } finally {
    redis.disconnect();
    storage.close();
  }
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

async function leftInStore(storage: Storage, redis: Redis): Promise<string[]> {
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
  const stray = (await listAllKeys(storage)).filter(
    (key) => !key.startsWith('records/') && !key.endsWith('/manifest.json') && !named.has(key),
  );
  const half = await storage.removeUnfinished(new Date(Date.now() + 60_000));
  return [...stray.map((key) => `object ${key}`), ...(half > 0 ? [`${half} half-written objects`] : [])];
}

async function leftInRedis(redis: Redis): Promise<string[]> {
  const left: string[] = [];
  for (const key of await redis.keys('*:lock')) if (!key.includes('maintenance')) left.push(`lock ${key}`);
  for (const queue of ['transcode', 'dead-letter', 'notification'] as const) {
    const { active, wait } = { active: 0, wait: 0, ...(await openQueue(queue, redis).getJobCounts('active', 'wait')) };
    if (active + wait > 0) left.push(`queue ${queue}: ${active} active, ${wait} waiting`);
  }
  for (const index of [
    ledgerKey.queued,
    ledgerKey.unsettled,
    ledgerKey.due,
    ledgerKey.unrecorded,
    ledgerKey.attempts,
    ledgerKey.slots,
    ledgerKey.alerts,
  ]) {
    for (const member of await redis.zrange(index, 0, -1)) left.push(`${index}: ${member}`);
  }
  return left;
}

/** Whether something is still under way, such as alerts that are being gathered. */
export async function isBusy({ config }: ChaosHouse): Promise<boolean> {
  const redis = new Redis(config.redisUrl, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    return (await leftInRedis(redis)).length > 0 || (await redis.exists(ledgerKey.alerting)) === 1;
  } catch {
    return true;
  } finally {
    redis.disconnect();
  }
}

async function leftOnDisk({ config }: ChaosHouse): Promise<string[]> {
  const workers = await readdir(config.workDir).catch(() => []);
  const renders = await Promise.all(
    workers.map(async (worker) => (await readdir(join(config.workDir, worker))).map((name) => `${worker}/${name}`)),
  );
  return renders.flat().map((name) => `scratch ${name}`);
}

/** The seconds in which each upload was rendered for the first time, from the transcoders' own logs, in the order of their clocks. */
export async function firstRenders({ logDirectory, transcoders }: ChaosHouse): Promise<string[]> {
  const lines = await Promise.all(
    transcoders.map(async (name) => (await readFile(join(logDirectory, `${name}.log`), 'utf8')).split('\n')),
  );
  const begun = lines
    .flat()
    .filter((line) => line.includes('"msg":"rendering"'))
    .map((line) => JSON.parse(line) as { time: string; upload: string })
    .sort((a, b) => (a.time < b.time ? -1 : 1));
  return [...new Set(begun.map(({ upload }) => upload))];
}
