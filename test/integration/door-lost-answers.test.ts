/** The connection to Redis is lost around the transaction that registers: an upload is wholly there, or wholly not. */
import { describe, expect, it } from 'vitest';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { householdOf } from '../support/household.ts';
import { openBatch } from '../support/open-batch.ts';
import { startRedis } from '../support/redis.ts';
import { startRedisWire } from '../support/redis-wire.ts';
import { mp4Like } from '../support/samples.ts';
import { listKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';
const key = { 'idempotency-key': 'one' };
/** What the transaction has in it, and no other command of the door. */
const REGISTRATION = ['exec', ':transcode:wait'];
const unavailable = { status: 503 };

async function startLossyDoor(where: 'before' | 'after', atMost?: number) {
  await using owned = new AsyncDisposableStack();
  const redis = owned.use(await startRedis());
  const wire = owned.use(await startRedisWire(redis, REGISTRATION, where, atMost));
  const door = owned.use(await startDoor({}, async () => ({ url: wire.url, [Symbol.asyncDispose]: async () => {} })));
  const running = owned.move();
  return { door, wire, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Once the door has seen that Redis is back. */
const opened = (door: TestDoor) =>
  eventually(async () => expect((await fetch(`${door.url}/admin/dead-letters`)).status).toBe(200), { within: 10_000 });

describe.concurrent('the transaction or its answer is lost', () => {
  it.each(['before', 'after'] as const)('once, %s it was carried out: it is sent again by itself', async (where) => {
    await using lossy = await startLossyDoor(where, 1);
    const { door, wire } = lossy;
    const { client, id } = await openBatch(door);
    const { body } = await client.putUpload(id, 'a.mp4', mp4Like(5000));
    expect(wire.cuts()).toBe(1);
    expect(body.sequence).toBe(1);
    expect((await client.readBatch(id)).body.uploads).toEqual([body]);
    expect((await door.transcode.getWaiting()).map((job) => job.id)).toEqual([body.id]);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
  });

  it('for good: the file stays, and the request sent again is the same upload', async () => {
    await using lossy = await startLossyDoor('after');
    const { door, wire } = lossy;
    const { client, id } = await openBatch(door);
    await expect(client.putUpload(id, 'a.mp4', mp4Like(5000), key)).rejects.toMatchObject(unavailable);
    wire.mend();
    await opened(door);
    const [there] = (await client.readBatch(id)).body.uploads;
    expect(await listKeys(door.storage, 'originals/')).toEqual([`originals/${id}/${there?.id}/a.mp4`]);
    const { body } = await client.putUpload(id, 'a.mp4', mp4Like(5000), key);
    expect(body).toEqual(there);
    expect((await client.readBatch(id)).body.uploads).toEqual([body]);
    expect((await door.transcode.getWaiting()).map((job) => job.id)).toEqual([body.id]);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
    expect(await listKeys(door.storage, `records/${id}/`)).toContain(`records/${id}/00000001-${body.id}.json`);
  });

  it('for good, of a whole batch: nothing of it is deleted, and sent again it is the same batch', async () => {
    await using lossy = await startLossyDoor('after');
    const { door, wire } = lossy;
    const client = new Client(door.url);
    const files = ['a.mp4', 'b.mp4'].map((name) => ({ name, content: mp4Like(5000) }));
    await expect(client.sendBatch({ instructor }, files, key)).rejects.toMatchObject(unavailable);
    wire.mend();
    await opened(door);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(2);
    const { body } = await client.sendBatch({ instructor }, files, key);
    expect(body.uploads.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect((await door.transcode.getWaiting()).map((job) => job.id)).toEqual(body.uploads.map(({ id }) => id));
    expect((await listKeys(door.storage, 'originals/')).map((one) => one.split('/')[2])).toEqual(
      body.uploads.map(({ id }) => id),
    );
    expect(await listKeys(door.storage, `records/${body.id}/`)).toHaveLength(4);
  });
});

it.concurrent('the transaction comes late, after its request was sent again: one upload all the same', async () => {
  await using lossy = await startLossyDoor('before');
  const { door, wire } = lossy;
  const { client, id } = await openBatch(door);
  await expect(client.putUpload(id, 'a.mp4', mp4Like(5000), key)).rejects.toMatchObject(unavailable);
  expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
  wire.mend();
  await opened(door);
  const { body } = await client.putUpload(id, 'a.mp4', mp4Like(5000), key);
  expect((await client.readBatch(id)).body.uploads).toEqual([body]);

  const household = householdOf(door);
  const upkeep = { ...household.config.upkeep, unownedAfterMs: -1000 };
  await reconcile({ ...household, config: { ...household.config, upkeep } });
  await household.deadLetter.close();
  expect((await client.readBatch(id)).body.uploads).toEqual([body]);
  expect(await listKeys(door.storage, 'originals/')).toEqual([`originals/${id}/${body.id}/a.mp4`]);
});
