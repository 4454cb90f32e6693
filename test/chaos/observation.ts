/** What a run left: as the API, the mails, the store, Redis and the process table tell it, once everything was quiet. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import type { UploadView } from '../../services/upload/views.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue } from '../../shared/queues.ts';
import { openStorage } from '../../shared/storage/open.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import type { Client } from '../support/client.ts';
import type { FaultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import { caughtMails } from '../support/mails.ts';
import { type ChaosHouse, OPERATOR } from './house.ts';
import type { Acknowledged, Instructor } from './instructor.ts';
import { halfWritten, type Kept, readKept } from './kept.ts';
import { type Remembered, recoverFromNothing, remembered } from './recovered.ts';
import { isBusy, type Remains, readRemains } from './remains.ts';
import { type Result, readResults } from './results.ts';
import type { Trouble } from './trouble.ts';
import type { RenderWatch } from './watch-renders.ts';

export interface SeenMail {
  /** ms since 1970. */
  readonly at: number;
  readonly to: string;
  readonly messageId: string;
  readonly text: string;
}

export interface Observation {
  /** Names of files. */
  readonly sent: readonly string[];
  readonly acknowledged: readonly Acknowledged[];
  /** By sequence. */
  readonly uploads: readonly UploadView[];
  readonly batches: readonly string[];
  readonly results: ReadonlyMap<string, Result>;
  /** Renders by ffmpeg that were begun. */
  readonly renders: number;
  /** Uploads in the order of their first renders, as the transcoders' logs have it. */
  readonly rendered: readonly string[];
  readonly beside: { readonly looks: number; readonly sightings: number; readonly overlaps: readonly string[] };
  readonly mails: readonly SeenMail[];
  readonly operator: string;
  readonly trouble: Trouble;
  readonly repeatedRequests: number;
  readonly kept: Kept;
  readonly remains: Remains;
  /** `mails`: those that came once Redis was empty. */
  readonly recovery: { readonly before: Remembered; readonly after: Remembered; readonly mails: readonly SeenMail[] };
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
    const halfBefore = await halfWritten(house.config.storage);
    await tidy(house, storage, redis);
    const batches = await Promise.all(
      instructor.batches.map(async (id) => (await instructor.client.readBatch(id)).body),
    );
    const uploads = batches.flatMap((batch) => batch.uploads).sort((a, b) => a.sequence - b.sequence);
    const mails = await seenMails(house);
    const seen = {
      sent: instructor.sent,
      acknowledged: instructor.acknowledged,
      uploads,
      batches: instructor.batches,
      results: await readResults(storage, uploads),
      renders: await ffmpeg.renders(),
      rendered: await firstRenders(house),
      beside: {
        looks: renders.looks(),
        sightings: renders.sightings(),
        overlaps: [...(await ffmpeg.overlaps()), ...renders.overlaps],
      },
      mails,
      operator: OPERATOR,
      trouble,
      repeatedRequests: instructor.repeated(),
      kept: {
        ...(await readKept(storage, batches)),
        halfBefore: halfBefore.length,
        half: await halfWritten(house.config.storage),
      },
      remains: await readRemains(house, redis),
    };
    const after = remembered(await recoverFromNothing(redis, instructor.client, instructor.batches));
    await tidy(house, storage, redis);
    await quiet(house);
    const later = (await seenMails(house)).slice(mails.length);
    return { ...seen, recovery: { before: remembered(batches), after, mails: later } };
  } finally {
    redis.disconnect();
    storage.close();
  }
}

/** The results alone, where nothing was disturbed. */
export async function observeResults(house: ChaosHouse, client: Client, batches: readonly string[]) {
  const storage = await openStorage(house.config.storage);
  try {
    const views = await Promise.all(batches.map(async (id) => (await client.readBatch(id)).body));
    return await readResults(
      storage,
      views.flatMap(({ uploads }) => uploads),
    );
  } finally {
    storage.close();
  }
}

const QUIET_WITHIN_MS = 60_000;

/** The alerts are gathered for a while, and a process that was killed last may not be up again. */
export async function quiet(house: ChaosHouse): Promise<void> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  for (const name of ['redis', 'upload', 'notification', ...house.transcoders]) {
    while ((await house.pidOf(name)) === undefined && performance.now() < deadline) await pause(100);
  }
  while ((await isBusy(house)) && performance.now() < deadline) await pause(250);
}

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

/**
 * One round of the reconciler for which everything that nobody owns is old: it need not be waited for an hour. Nobody
 * sends any more, so the mark of a form that died with the door does not protect its originals either.
 */
async function tidy(house: ChaosHouse, storage: Storage, redis: Redis): Promise<void> {
  const queues = ['transcode', 'dead-letter', 'notification'] as const;
  const [transcode, deadLetter, notification] = queues.map((name) => openQueue(name, redis));
  if (!transcode || !deadLetter || !notification) throw new Error('three names give three queues');
  await redis.del(ledgerKey.receiving);
  const config = { ...house.config, upkeep: { ...house.config.upkeep, unownedAfterMs: -1000 } };
  const log = createLogger('chaos', { logLevel: 'silent' });
  await reconcile({ config, ledger: openLedger(redis), storage, transcode, deadLetter, notification, log });
  await Promise.all([transcode, deadLetter, notification].map((queue) => queue.close()));
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
