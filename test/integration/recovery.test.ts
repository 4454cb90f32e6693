/** Law 1, with Redis wiped: ledger and queue are rebuilt from the bucket alone. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { BatchView } from '../../services/upload/views.ts';
import { readConfig } from '../../shared/config.ts';
import { keepRecord } from '../../shared/keep-record.ts';
import { beginEpoch, currentEpoch } from '../../shared/ledger/epoch.ts';
import { dueBatches, noteNotified } from '../../shared/ledger/notified.ts';
import { replayUpload } from '../../shared/ledger/replay.ts';
import { orderQueue } from '../../shared/ledger/restore.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { createLogger } from '../../shared/logger.ts';
import type { Manifest } from '../../shared/manifest.ts';
import { publishedManifest } from '../../shared/published-manifest.ts';
import { keepWhole } from '../../shared/recovery/keep-whole.ts';
import { recover } from '../../shared/recovery/recover.ts';
import { manifestKey, mediaPrefix, recordKey, variantKey } from '../../shared/storage/keys.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { drivers, makeStore } from '../support/drivers.ts';
import { eventually } from '../support/eventually.ts';
import { mp4Like } from '../support/samples.ts';

const instructor = 'ada@example.org';
const log = createLogger('test', { logLevel: 'silent' });
const file = (name: string) => ({ name, content: mp4Like(300) });

const rebuilding = ({ ledger, storage, transcode }: TestDoor) => ({
  ledger,
  storage,
  transcode,
  keepOriginalsDays: 7,
  log,
});

/** Settles an upload as the transcoder does, manifest and record included. */
async function settle(door: TestDoor, { id, batch, sequence, name }: BatchView['uploads'][number], ready: boolean) {
  const settling = { upload: { id, batch, round: 0 }, run: undefined, keepOriginalsDays: 7 };
  if (!ready) {
    await settleUpload(door.ledger, settling, { state: 'failed', reason: 'It is broken.', toolOutput: 'moov' });
    await keepRecord(door, { kind: 'failed', id });
    return;
  }
  const prefix = mediaPrefix(batch, sequence, name);
  const placeholder = 'HhcOHYZ3eId9h3dweGiIhmZ5gLgH';
  const variants = [
    { name: '360p', file: '360p.mp4', key: variantKey(prefix, '1-a', '360p.mp4'), contentType: 'video/mp4', bytes: 4 },
  ];
  const manifest: Manifest = {
    version: 1,
    upload: id,
    batch,
    sequence,
    name,
    kind: 'video',
    attempt: '1-a',
    placeholder,
    variants,
  };
  await door.storage.createIfAbsent(
    manifestKey(prefix),
    JSON.stringify({ ...manifest, publishedAt: 1_700_000_000_000 }),
    {
      contentType: 'application/json',
    },
  );
  await settleUpload(door.ledger, settling, { state: 'ready', kind: 'video', placeholder, variants });
}

const waitingOrder = async (door: TestDoor) => (await door.transcode.getWaiting()).map(({ data }) => data.upload);

describe.each(drivers)('a wiped Redis, the files on $driver', ({ driver, need }) => {
  it('is rebuilt: states, order, batches, mails and idempotency as before', need, async () => {
    await using store = await makeStore(driver);
    await using door = await startDoor(driver === 's3' ? { storage: readConfig(store.env).storage } : {});
    const client = new Client(door.url);
    const key = { 'idempotency-key': 'the same request' };
    const notified = (await client.sendBatch({ instructor, title: 'Told' }, [file('a.mp4'), file('b.mp4')])).body;
    const open = (await client.openBatch({ instructor, title: 'Open' })).body;
    const first = (await client.putUpload(open.id, 'c.mp4', mp4Like(200), key)).body;
    const due = (await client.sendBatch({ instructor, title: 'Due' }, [file('d.mp4')])).body;
    const half = (await client.sendBatch({ instructor, title: 'Half' }, [file('e.mp4'), file('f.mp4')])).body;
    const second = (await client.putUpload(open.id, 'g.mp4', mp4Like(200))).body;
    for (const [index, upload] of notified.uploads.entries()) await settle(door, upload, index === 0);
    for (const upload of [...due.uploads, ...half.uploads.slice(0, 1)]) await settle(door, upload, true);
    await noteNotified(door.ledger, notified.id);
    await keepRecord(door, { kind: 'notified', id: notified.id });
    const ids = [notified.id, open.id, due.id, half.id];
    const read = async () => Promise.all(ids.map(async (id) => (await client.readBatch(id)).body));
    const before = await read();

    await door.ledger.redis.flushdb();
    await expect(client.putUpload(open.id, 'no.mp4', mp4Like(200))).rejects.toMatchObject({ status: 503 });
    await expect(client.readBatch(open.id)).rejects.toMatchObject({ status: 503 });
    const recovered = await recover(rebuilding(door));
    expect(recovered).toEqual({ batches: 4, uploads: 7, restored: 7 });
    await beginEpoch(door.ledger, 'again');
    await door.lookout.lookAtRedis();

    const unexact = ({ finishedAt, ...batch }: BatchView) => ({
      ...batch,
      uploads: batch.uploads.map(({ settledAt, originalExpiresAt, startedAt, attempts, ...same }) => same),
    });
    expect((await read()).map(unexact)).toEqual(before.map(unexact));
    expect(await dueBatches(door.ledger)).toEqual([due.id]);
    expect((await client.putUpload(open.id, 'c.mp4', mp4Like(200), key)).body.id).toBe(first.id);
    const next = (await client.putUpload(open.id, 'h.mp4', mp4Like(200))).body;
    expect(next.sequence).toBeGreaterThan(second.sequence);
    const queued = [first.id, half.uploads[1]?.id, second.id, next.id];
    expect(await waitingOrder(door)).toEqual(queued);
    // Again, with the house open: nothing is put back a second time.
    expect((await recover(rebuilding(door))).restored).toBe(0);
    expect(await waitingOrder(door)).toEqual(queued);
  });
});

it('leaves out a batch whose own record is missing, which was never acknowledged, and a record that nobody can read', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  const cut = (await client.sendBatch({ instructor }, [file('a.mp4')])).body;
  const good = (await client.sendBatch({ instructor }, [file('b.mp4'), file('c.mp4')])).body;
  await door.storage.remove(recordKey.batch(cut.id));
  const [damaged, whole] = good.uploads;
  if (!damaged || !whole) throw new Error('two were sent');
  const key = recordKey.upload(good.id, damaged.sequence, damaged.id);
  await door.storage.write(key, Readable.from(['{"version":']), { contentType: 'application/json' });
  await door.ledger.redis.flushdb();
  expect(await recover(rebuilding(door))).toEqual({ batches: 1, uploads: 1, restored: 1 });
  expect(await waitingOrder(door)).toEqual([whole.id]);
});

it('takes no manifest of another upload for that of one, whatever lies in its place', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  const { uploads } = (await client.sendBatch({ instructor }, [file('a.mp4')])).body;
  const [upload] = uploads;
  if (!upload) throw new Error('one was sent');
  const { batch, sequence, name, id } = upload;
  const another = { version: 1, upload: 'another', batch, sequence, name, kind: 'video', attempt: '1-a', variants: [] };
  const about = { contentType: 'application/json' };
  await door.storage.createIfAbsent(manifestKey(mediaPrefix(batch, sequence, name)), JSON.stringify(another), about);
  await expect(publishedManifest(door.storage, upload)).rejects.toThrow(`is of upload another, not of ${id}`);
  await door.ledger.redis.flushdb();
  await recover(rebuilding(door));
  expect(await waitingOrder(door)).toEqual([id]);
});

it('keeps no failure of a file that was replayed while its record was being written', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  const [upload] = (await client.sendBatch({ instructor }, [file('a.mp4')])).body.uploads;
  const { id = '', batch = '' } = upload ?? {};
  const settling = { upload: { id, batch, round: 0 }, run: undefined, keepOriginalsDays: 7 };
  await settleUpload(door.ledger, settling, { state: 'failed', reason: 'It is broken.' });
  const slow: Storage = {
    ...door.storage,
    async write(...given) {
      expect(await replayUpload(door.ledger, door.transcode, { id, batch })).toMatchObject({ outcome: 'replayed' });
      await door.storage.write(...given);
    },
  };
  await keepRecord({ ledger: door.ledger, storage: slow }, { kind: 'failed', id });
  await door.ledger.redis.flushdb();
  await recover(rebuilding(door));
  expect(await waitingOrder(door)).toEqual([id]);
});

it('recovers by itself, once, whoever of several sees it first; until then uploads get 503', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  const open = (await client.openBatch({ instructor })).body;
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) await client.putUpload(open.id, name, mp4Like(200));
  const order = await waitingOrder(door);
  await door.ledger.redis.flushdb();
  await expect(client.openBatch({ instructor })).rejects.toMatchObject({ status: 503 });
  await expect(client.sendBatch({ instructor }, [file('d.mp4')])).rejects.toMatchObject({ status: 503 });
  let epochs = 0;
  const watches = [1, 2, 3].map(() => keepWhole(rebuilding(door), async () => void epochs++));
  try {
    await Promise.all(watches.map(({ whole }) => whole));
    expect(epochs).toBe(3);
    expect(await waitingOrder(door)).toEqual(order);
    await eventually(async () => expect((await client.openBatch({ instructor })).status).toBe(201), { within: 3000 });
    // And again, while they watch.
    await door.ledger.redis.flushdb();
    await eventually(async () => expect(await currentEpoch(door.ledger)).toBeDefined(), { within: 10_000 });
    expect(await waitingOrder(door)).toEqual(order);
  } finally {
    for (const watch of watches) watch[Symbol.dispose]();
  }
});

it('puts waiting jobs into upload order where one came in out of turn', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  const open = (await client.openBatch({ instructor })).body;
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) await client.putUpload(open.id, name, mp4Like(200));
  const order = await waitingOrder(door);
  const job = await door.transcode.getJob(order[0] ?? '');
  await job?.remove();
  await door.transcode.add('render', job?.data, { jobId: order[0] ?? '' });
  expect(await waitingOrder(door)).not.toEqual(order);
  expect(await orderQueue(door.ledger, door.transcode)).toBe(3);
  expect(await waitingOrder(door)).toEqual(order);
  expect(await orderQueue(door.ledger, door.transcode)).toBe(0);
});
