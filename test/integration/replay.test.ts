/** The operator's replay of a discarded file, and the races that it may meet. */
import { expect, it } from 'vitest';
import { expireOriginals } from '../../services/notification/expire-originals.ts';
import { keepRecord } from '../../shared/keep-record.ts';
import { readDeadLetters } from '../../shared/ledger/dead-letters.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { dueBatches, dueFiles } from '../../shared/ledger/notified.ts';
import { readBatch, readUpload, type UploadEntry } from '../../shared/ledger/read.ts';
import { replayUpload } from '../../shared/ledger/replay.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import { createLogger } from '../../shared/logger.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { mp4Like } from '../support/samples.ts';
import { listKeys } from '../support/stored.ts';

const log = createLogger('test', { logLevel: 'silent' });
const failed = { state: 'failed', reason: 'It is broken.', toolOutput: 'moov' } as const;

/** A finished batch of one file that has failed. */
async function discarded(door: TestDoor, keepOriginalsDays = 7): Promise<UploadEntry> {
  const files = [{ name: 'a.mp4', content: mp4Like(200) }];
  const { body } = await new Client(door.url).sendBatch({ instructor: 'ada@example.org' }, files);
  const [{ id = '', batch = '' } = {}] = body.uploads;
  await startUpload(door.ledger, { upload: id, round: 0, run: 'first' }, 'first');
  const settling = { upload: { id, batch, round: 0 }, run: undefined, keepOriginalsDays };
  expect(await settleUpload(door.ledger, settling, failed)).toBe('finished');
  await keepRecord(door, { kind: 'failed', id });
  await door.transcode.remove(id);
  return entryOf(door, id);
}

async function entryOf({ ledger }: TestDoor, id: string): Promise<UploadEntry> {
  const upload = await readUpload(ledger, id);
  if (!upload) throw new Error(`no upload ${id}`);
  return upload;
}

const waiting = async ({ transcode }: TestDoor) => (await transcode.getWaiting()).map(({ id }) => id);

it('goes to the end of the queue, once; sequence, first start and the finished batch stay', async () => {
  await using door = await startDoor();
  const before = await discarded(door);
  const batch = await readBatch(door.ledger, before.batch);
  const client = new Client(door.url);
  const files = [{ name: 'b.mp4', content: mp4Like(200) }];
  const later = (await client.sendBatch({ instructor: 'eve@example.org' }, files)).body.uploads[0];

  const asked = await Promise.all([1, 2, 3].map(() => replayUpload(door.ledger, door.transcode, before)));
  expect(asked).toEqual(asked.map(() => ({ outcome: 'replayed', round: 1 })));
  expect(await waiting(door)).toEqual([later?.id, `${before.id}-1`]);
  expect(await entryOf(door, before.id)).toMatchObject({
    state: 'queued',
    round: 1,
    sequence: before.sequence,
    startedAt: before.startedAt,
    attempts: 0,
    queuePosition: 2,
  });
  expect(await readBatch(door.ledger, before.batch)).toMatchObject({
    state: 'finished',
    finishedAt: batch?.finishedAt,
  });
  expect(await readDeadLetters(door.ledger)).toEqual([]);

  const settling = { upload: { id: before.id, batch: before.batch, round: 1 }, run: undefined, keepOriginalsDays: 7 };
  await settleUpload(door.ledger, settling, failed);
  await settleUpload(door.ledger, settling, failed);
  expect(await readBatch(door.ledger, before.batch)).toMatchObject({
    state: 'finished',
    finishedAt: batch?.finishedAt,
  });
  expect(await dueFiles(door.ledger)).toEqual([{ id: before.id, round: 1 }]);
  expect(await dueBatches(door.ledger)).toEqual([before.batch]);
});

it('of the round before settles nothing any more', async () => {
  await using door = await startDoor();
  const { id, batch } = await discarded(door);
  await replayUpload(door.ledger, door.transcode, { id, batch });
  const late = { upload: { id, batch, round: 0 }, run: undefined, keepOriginalsDays: 7 };
  expect(await settleUpload(door.ledger, late, failed)).toBe('superseded');
  expect(await startUpload(door.ledger, { upload: id, round: 0, run: 'late' }, 'first')).toEqual({ outcome: 'stale' });
  expect((await entryOf(door, id)).state).toBe('queued');
});

it('is refused when the original has expired, whether that is gone already or about to go', async () => {
  await using door = await startDoor();
  const before = await discarded(door, 0);
  const gone = { outcome: 'gone' };
  expect(await replayUpload(door.ledger, door.transcode, before)).toEqual(gone);
  await expireOriginals({ ...door, log });
  expect(await listKeys(door.storage, 'originals/')).toEqual([]);
  expect(await replayUpload(door.ledger, door.transcode, before)).toEqual(gone);
  expect(await waiting(door)).toEqual([]);
  expect(await entryOf(door, before.id)).toEqual(before);
  expect((await readDeadLetters(door.ledger)).map(({ state }) => state)).toEqual(['discarded']);
});

it('in time keeps the original, also from an expiry that is under way', async () => {
  await using door = await startDoor();
  const { id, batch } = await discarded(door);
  await replayUpload(door.ledger, door.transcode, { id, batch });
  await expireOriginals({ ...door, log });
  expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
  expect(await door.ledger.redis.zscore(ledgerKey.expiring, id)).toBeNull();
});

it.each(['ready', 'queued', 'unknown'] as const)('of what is %s is none', async (what) => {
  await using door = await startDoor();
  const { client, id: batch } = await opened(door);
  const { id } = (await client.putUpload(batch, 'a.mp4', mp4Like(200))).body;
  const settling = { upload: { id, batch, round: 0 }, run: undefined, keepOriginalsDays: 7 };
  if (what === 'ready') await settleUpload(door.ledger, settling, { state: 'ready', kind: 'video', variants: [] });
  const target = what === 'unknown' ? 'nobody' : id;
  const outcome = what === 'unknown' ? 'unknown' : 'not-failed';
  expect(await replayUpload(door.ledger, door.transcode, { id: target, batch })).toEqual({ outcome });
  expect(await waiting(door)).toEqual([id]);
});

async function opened(door: TestDoor) {
  const client = new Client(door.url);
  return { client, id: (await client.openBatch({ instructor: 'ada@example.org' })).body.id };
}
