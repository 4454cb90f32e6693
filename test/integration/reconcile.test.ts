/** The reconciler: each thing that a crash leaves between two stores, made by hand, and what comes of it. */
import { readdir, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Queue } from 'bullmq';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { cleanUp } from '../../services/notification/maintenance/clean-up.ts';
import type { Household } from '../../services/notification/maintenance/household.ts';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import { removeStrayMedia } from '../../services/notification/maintenance/stray-media.ts';
import { keepRecord } from '../../shared/keep-record.ts';
import { noteAttempt, storingAttempts } from '../../shared/ledger/attempts.ts';
import { readDeadLetters } from '../../shared/ledger/dead-letters.ts';
import { giveUpUpload } from '../../shared/ledger/give-up.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { dueBatches } from '../../shared/ledger/notified.ts';
import { receiving } from '../../shared/ledger/receiving.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import type { Manifest } from '../../shared/manifest.ts';
import { enqueueLastTry } from '../../shared/queues.ts';
import { originalKey } from '../../shared/storage/keys.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { householdOf } from '../support/household.ts';
import { mp4Like } from '../support/samples.ts';
import { listAllKeys, listKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';
const settling = (id: string, batch: string) => ({
  upload: { id, batch, round: 0 },
  run: undefined,
  keepOriginalsDays: 7,
});

interface Setting {
  readonly door: TestDoor;
  readonly client: Client;
  readonly household: Household;
  readonly batch: string;
  /** Ids, in upload order. */
  readonly uploads: readonly string[];
}

/** A door with an open batch of three uploads that wait. */
async function inHouse(use: (setting: Setting) => Promise<void>): Promise<void> {
  await using door = await startDoor();
  const client = new Client(door.url);
  const batch = (await client.openBatch({ instructor })).body.id;
  const uploads: string[] = [];
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) {
    uploads.push((await client.putUpload(batch, name, mp4Like(200))).body.id);
  }
  const household = householdOf(door);
  await use({ door, client, household, batch, uploads });
}

/** Everything counts as old. */
const impatient = (household: Household): Household => ({
  ...household,
  config: { ...household.config, upkeep: { ...household.config.upkeep, unownedAfterMs: -1000 } },
});

const waiting = async ({ door }: Setting) => (await door.transcode.getWaiting()).map(({ data }) => data.upload);
const write = (door: TestDoor, key: string) =>
  door.storage.write(key, Readable.from(['x']), { contentType: 'video/mp4' });
/** As BullMQ leaves a job that has failed. */
async function failJob({ redis }: Ledger, queue: Queue, id: string, fields: Record<string, string>): Promise<void> {
  await redis.lrem(queue.toKey('wait'), 0, id);
  await redis.zadd(queue.toKey('failed'), 1, id);
  await redis.hset(queue.toKey(id), fields);
}
const repairs = async ({ door }: Pick<Setting, 'door'>) =>
  Object.entries(await door.ledger.redis.hgetall(ledgerKey.counters)).filter(([name]) => name.startsWith('repairs:'));

it('changes nothing in a house that is well', () =>
  inHouse(async (setting) => {
    const { door, household } = setting;
    const before = [await listAllKeys(door.storage), await waiting(setting)];
    await reconcile(household);
    await reconcile(impatient(household));
    expect([await listAllKeys(door.storage), await waiting(setting)]).toEqual(before);
    expect(await repairs(setting)).toEqual([]);
  }));

it('puts an upload with a record back that the ledger has lost, at its sequence and its place in the queue', () =>
  inHouse(async (setting) => {
    const { door, household, uploads, batch, client } = setting;
    const lost = uploads[1] ?? '';
    const before = (await client.readUpload(lost)).body;
    const { redis } = door.ledger;
    await redis.del(ledgerKey.upload(lost));
    for (const index of [ledgerKey.uploads(batch), ledgerKey.queued, ledgerKey.unsettled])
      await redis.zrem(index, lost);
    await door.transcode.remove(lost);
    await reconcile(household);
    expect((await client.readUpload(lost)).body).toEqual(before);
    expect(await waiting(setting)).toEqual(uploads);
    expect(await repairs(setting)).toEqual([['repairs:store-scan', '1']]);
  }));

it('removes an original that nobody owns, but not a young one, nor one whose form is still being received', () =>
  inHouse(async (setting) => {
    const { door, household } = setting;
    const stray = originalKey('gone', 'gone', 'a.mp4');
    await write(door, stray);
    await reconcile(household);
    expect(await listKeys(door.storage, 'originals/gone/')).toEqual([stray]);
    const young = { ...household };
    {
      await using _form = await receiving(door.ledger, 'gone');
      await reconcile(impatient(young));
      expect(await listKeys(door.storage, 'originals/gone/')).toEqual([stray]);
    }
    await reconcile(impatient(household));
    expect(await listKeys(door.storage, 'originals/gone/')).toEqual([]);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(3);
  }));

it('gives an upload without a job one, at its place, also where its job has ended without settling it', () =>
  inHouse(async (setting) => {
    const { door, household, uploads } = setting;
    const [first = '', second = ''] = uploads;
    await door.transcode.remove(first);
    await door.transcode.remove(second);
    // A completed job of the same id, as when a worker took it before its upload was registered.
    await door.ledger.redis.hset(door.transcode.toKey(second), {
      name: 'render',
      data: '{}',
      opts: '{}',
      timestamp: 1,
    });
    await door.ledger.redis.zadd(door.transcode.toKey('completed'), 1, second);
    await reconcile(household);
    expect(await waiting(setting)).toEqual(uploads);
  }));

it('takes up a render whose process and job are both gone', () =>
  inHouse(async (setting) => {
    const { door, household, uploads, client } = setting;
    const [first = ''] = uploads;
    await startUpload(door.ledger, { upload: first, run: 'gone', round: 0 }, 'first');
    await door.transcode.remove(first);
    await reconcile(household);
    expect(await waiting(setting)).toEqual(uploads);
    expect((await client.readUpload(first)).body).toMatchObject({ state: 'queued', queuePosition: 1 });
  }));

it('makes one dead letter of a failed job, however many sweep, and discards one that its queue has failed', () =>
  inHouse(async (setting) => {
    const { door, household, uploads, client } = setting;
    const [first = ''] = uploads;
    const fail = (queue: Queue, id: string) =>
      failJob(door.ledger, queue, id, { failedReason: 'job stalled more than allowable limit' });
    await fail(door.transcode, first);
    await Promise.all([1, 2, 3].map(() => reconcile(household)));
    expect((await readDeadLetters(door.ledger)).map(({ id, state }) => [id, state])).toEqual([[first, 'waiting']]);
    expect((await household.deadLetter.getWaiting()).map(({ id }) => id)).toEqual([`dead-${first}-0`]);
    expect(await door.transcode.getFailed()).toEqual([]);
    expect((await client.readUpload(first)).body.state).toBe('processing');

    await fail(household.deadLetter, `dead-${first}-0`);
    await reconcile(household);
    await reconcile(household);
    expect((await client.readUpload(first)).body.state).toBe('failed');
    expect((await readDeadLetters(door.ledger)).map(({ state }) => state)).toEqual(['discarded']);
    expect(await household.deadLetter.getFailedCount()).toBe(1);
  }));

it('shows the instructor nothing of what our own failures say', () =>
  inHouse(async ({ door, household, uploads, client }) => {
    const [first = ''] = uploads;
    await failJob(door.ledger, door.transcode, first, { failedReason: 'ERR Error running script: user_script:12' });
    await reconcile(household);
    const [letter] = await readDeadLetters(door.ledger);
    expect(letter).toMatchObject({ id: first, toolOutput: expect.stringContaining('user_script') });
    expect(letter?.reason).toContain('on our side');
    expect((await client.readUpload(first)).body.reason ?? '').not.toContain('user_script');
  }));

it('makes a dead letter of a job whose payload nobody can read, if it names an upload', () =>
  inHouse(async ({ door, household, uploads, client }) => {
    const [first = '', second = ''] = uploads;
    const data = (payload: object) => ({
      data: JSON.stringify({ version: 9, ...payload }),
      failedReason: 'unreadable',
    });
    await failJob(door.ledger, door.transcode, first, data({ upload: first }));
    await failJob(door.ledger, door.transcode, second, data({ upload: 7 }));
    const logged: unknown[] = [];
    const log = pino({ level: 'error' }, { write: (line) => logged.push(JSON.parse(line)) });
    await reconcile({ ...household, log });
    await reconcile({ ...household, log });
    expect((await readDeadLetters(door.ledger)).map(({ id }) => id)).toEqual([first]);
    expect((await door.transcode.getFailed()).map(({ id }) => id)).toEqual([second]);
    expect(logged).toMatchObject([{ job: second }]);
    await failJob(household.ledger, household.deadLetter, `dead-${first}-0`, data({ upload: first }));
    await reconcile(household);
    expect((await client.readUpload(first)).body.state).toBe('failed');
  }));

it('repairs the others where one entry cannot be read', () =>
  inHouse(async (setting) => {
    const { door, household, uploads } = setting;
    const { redis } = door.ledger;
    const [first = '', second = '', third = ''] = uploads;
    for (const id of [first, second]) {
      await noteAttempt(door.ledger, { upload: id, name: '1-dead' });
      await redis.zadd(ledgerKey.unrecorded, 1, `upload:${id}`);
    }
    await door.transcode.remove(first);
    await door.transcode.remove(second);
    await redis.hset(ledgerKey.upload(first), 'version', '9');
    await redis.hset(ledgerKey.deadLetter('strange'), 'version', '9');
    await redis.zadd(ledgerKey.deadLetters, 1, 'strange');
    const given = { upload: third, round: 0, run: undefined, reason: 'It broke.', toolOutput: undefined, job: third };
    await giveUpUpload(door.ledger, given);
    await reconcile(household);
    expect(await waiting(setting)).toContain(second);
    expect(await storingAttempts(door.ledger)).toEqual([{ upload: first, name: '1-dead' }]);
    expect(await redis.zrange(ledgerKey.unrecorded, 0, -1)).toEqual([`upload:${first}`]);
    expect((await household.deadLetter.getWaiting()).map(({ id }) => id)).toEqual([`dead-${third}-0`]);
  }));

it('removes the failed last try of an upload that was forgotten', () =>
  inHouse(async ({ household }) => {
    await enqueueLastTry(household.deadLetter, { batch: 'gone', id: 'gone', round: 0 });
    await failJob(household.ledger, household.deadLetter, 'dead-gone-0', { failedReason: 'x' });
    await reconcile(household);
    expect(await household.deadLetter.getFailedCount()).toBe(0);
  }));

it('asks for the last try of a dead letter whose job was never made', () =>
  inHouse(async ({ door, household, uploads }) => {
    const [first = ''] = uploads;
    const given = { upload: first, round: 0, run: undefined, reason: 'It broke.', toolOutput: undefined, job: first };
    expect(await giveUpUpload(door.ledger, given)).toBe('dead-letter');
    await door.transcode.remove(first);
    await reconcile(household);
    expect((await household.deadLetter.getWaiting()).map(({ id }) => id)).toEqual([`dead-${first}-0`]);
  }));

it('announces a finished batch that nobody announced, once', () =>
  inHouse(async ({ door, household, uploads, batch, client }) => {
    for (const id of uploads) await settleUpload(door.ledger, settling(id, batch), { state: 'failed', reason: 'x' });
    await client.sealBatch(batch);
    await door.notification.remove(`notify-${batch}`);
    expect(await dueBatches(door.ledger)).toEqual([batch]);
    await reconcile(household);
    await reconcile(household);
    expect(await repairs({ door })).toEqual([['repairs:due-mails', '1']]);
    const jobs = await door.notification.getJobs(['prioritized', 'waiting', 'delayed']);
    expect(jobs.map(({ id }) => id).filter((id) => id?.startsWith('notify-'))).toEqual([`notify-${batch}`]);
  }));

it('writes the records that are missing', () =>
  inHouse(async ({ door, household, uploads, batch }) => {
    const [first = ''] = uploads;
    const before = await listKeys(door.storage, 'records/');
    for (const key of before) await door.storage.remove(key);
    for (const id of uploads) await door.ledger.redis.zadd(ledgerKey.unrecorded, 1, `upload:${id}`);
    await door.ledger.redis.zadd(ledgerKey.unrecorded, 1, `batch:${batch}`);
    await settleUpload(door.ledger, settling(first, batch), { state: 'failed', reason: 'x' });
    await door.ledger.redis.zadd(ledgerKey.unrecorded, 1, `failed:${first}`);
    await reconcile(household);
    expect(await listKeys(door.storage, 'records/')).toEqual(
      [...before, `records/${batch}/${first}.failed.json`].toSorted(),
    );
    expect(await door.ledger.redis.zcard(ledgerKey.unrecorded)).toBe(0);
  }));

it('removes outputs that no manifest names when they are old, but none of a run that is at it', () =>
  inHouse(async ({ door, household, uploads, batch }) => {
    const [first = '', second = ''] = uploads;
    const dead = `media/${batch}/00000001-a/1-dead/360p.mp4`;
    const alive = `media/${batch}/00000002-b/1-alive/360p.mp4`;
    const forgotten = `media/${batch}/00000003-c/1-former/360p.mp4`;
    const unknown = 'media/gone/00000009-x/1-dead/360p.mp4';
    const all = [dead, alive, forgotten, unknown].toSorted();
    for (const key of all) await write(door, key);
    await startUpload(door.ledger, { upload: second, run: 'alive', round: 0 }, 'first');
    await noteAttempt(door.ledger, { upload: first, name: '1-dead' });
    await noteAttempt(door.ledger, { upload: second, name: '1-alive' });
    await reconcile(household);
    expect(await listKeys(door.storage, 'media/')).toEqual(all);
    expect(await storingAttempts(door.ledger)).toHaveLength(2);
    await reconcile(impatient(household));
    expect(await listKeys(door.storage, 'media/')).toEqual([alive]);
    expect(await storingAttempts(door.ledger)).toEqual([{ upload: second, name: '1-alive' }]);
  }));

it('keeps what is published while the store is being gone through', () =>
  inHouse(async ({ door, household, uploads, batch }) => {
    const [first = ''] = uploads;
    const prefix = `media/${batch}/00000001-a`;
    const output = `${prefix}/1-last/360p.mp4`;
    await write(door, output);
    await startUpload(door.ledger, { upload: first, run: 'last', round: 0 }, 'first');
    const manifest: Manifest = {
      version: 1,
      upload: first,
      batch,
      sequence: 1,
      name: 'a.mp4',
      kind: 'video',
      attempt: '1-last',
      variants: [{ name: '360p', file: '360p.mp4', key: output, contentType: 'video/mp4', bytes: 1 }],
    };
    const storage: Storage = {
      ...door.storage,
      async *list(under) {
        for await (const object of door.storage.list(under)) yield object;
        const body = JSON.stringify(manifest);
        await door.storage.createIfAbsent(`${prefix}/manifest.json`, body, { contentType: 'application/json' });
        await settleUpload(door.ledger, settling(first, batch), { state: 'ready', ...manifest });
      },
    };
    await removeStrayMedia({ ...household, storage }, new Date(Date.now() + 1000));
    expect(await listKeys(door.storage, 'media/')).toEqual([output, `${prefix}/manifest.json`]);
  }));

it('removes half-written objects of the dead', () =>
  inHouse(async ({ door, household }) => {
    await writeFile(`${door.storageDirectory}/.incoming/left`, 'half');
    await reconcile(household);
    expect(await readdir(`${door.storageDirectory}/.incoming`)).toEqual(['left']);
    await reconcile(impatient(household));
    expect(await readdir(`${door.storageDirectory}/.incoming`)).toEqual([]);
  }));

it('does nothing while the ledger is not whole', () =>
  inHouse(async ({ door, household }) => {
    const before = await listAllKeys(door.storage);
    await door.ledger.redis.flushdb();
    await reconcile(impatient(household));
    expect(await listAllKeys(door.storage)).toEqual(before);
    expect(await door.ledger.redis.keys('{projectionist}:ledger:*')).toEqual([]);
  }));

it('seals an abandoned batch, removes an empty one, forgets one that finished long ago', () =>
  inHouse(async ({ door, household, uploads, batch, client }) => {
    const empty = (await client.openBatch({ instructor }, { 'idempotency-key': 'k' })).body.id;
    await cleanUp(household);
    expect((await client.readBatch(empty)).body.state).toBe('open');
    const upkeep = { ...household.config.upkeep, sealAbandonedMs: -1000, keepBatchesMs: -1000 };
    const late = { ...household, config: { ...household.config, upkeep } };
    // The files of the one were put, and another may be on its way; so may one of the other.
    {
      await using _put = await receiving(door.ledger, empty);
      await cleanUp(late);
      expect((await client.readBatch(empty)).body.state).toBe('open');
      expect((await client.readBatch(batch)).body.state).toBe('open');
    }
    await door.ledger.redis.zadd(ledgerKey.receiving, 1, batch);
    await reconcile(household);
    expect(await door.ledger.redis.zcard(ledgerKey.receiving)).toBe(0);
    await cleanUp(late);
    await expect(client.readBatch(empty)).rejects.toMatchObject({ status: 404 });
    expect((await client.readBatch(batch)).body.state).toBe('sealed');
    expect(await listKeys(door.storage, `records/${batch}/sealed`)).toHaveLength(1);
    for (const id of uploads) {
      await settleUpload(door.ledger, settling(id, batch), { state: 'failed', reason: 'x' });
      await keepRecord(door, { kind: 'failed', id });
    }
    await cleanUp(late);
    await expect(client.readBatch(batch)).rejects.toMatchObject({ status: 404 });
    expect(await listAllKeys(door.storage)).toEqual([]);
    expect(await door.ledger.redis.keys('*upload:*')).toEqual([]);
  }));

it('keeps the record of an abandoned batch into which a file comes at the last moment', () =>
  inHouse(async ({ door, household, client }) => {
    const late = (await client.openBatch({ instructor })).body.id;
    const upkeep = { ...household.config.upkeep, sealAbandonedMs: -1000 };
    const config = { ...household.config, upkeep };
    // It registers between the look at the batch and its removal.
    const { hget } = household.ledger.redis;
    let came = false;
    const redis = new Proxy(household.ledger.redis, {
      get(target, name) {
        if (name !== 'hget') return Reflect.get(target, name, target);
        return async (...args: [string, string]) => {
          if (args[0] === ledgerKey.batch(late) && !came) {
            came = true;
            await client.putUpload(late, 'late.mp4', mp4Like(200));
          }
          return hget.apply(target, args);
        };
      },
    });
    await cleanUp({ ...household, config, ledger: { ...household.ledger, redis } });
    expect(came).toBe(true);
    expect(await listKeys(door.storage, `records/${late}/batch`)).toHaveLength(1);
  }));
