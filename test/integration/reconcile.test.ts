import type { Queue } from 'bullmq';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import { noteAttempt, storingAttempts } from '../../shared/ledger/attempts.ts';
import { readDeadLetters } from '../../shared/ledger/dead-letters.ts';
import { giveUpUpload } from '../../shared/ledger/give-up.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { dueBatches } from '../../shared/ledger/notified.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import { enqueueLastTry } from '../../shared/queues.ts';
import { listAllKeys, listKeys } from '../support/stored.ts';
import { impatient, inHouse, type Setting, settling } from '../support/waiting-house.ts';

const waiting = async ({ door }: Setting) => (await door.transcode.getWaiting()).map(({ data }) => data.upload);
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

it('does nothing while the ledger is not whole', () =>
  inHouse(async ({ door, household }) => {
    const before = await listAllKeys(door.storage);
    await door.ledger.redis.flushdb();
    await reconcile(impatient(household));
    expect(await listAllKeys(door.storage)).toEqual(before);
    expect(await door.ledger.redis.keys('{projectionist}:ledger:*')).toEqual([]);
  }));
