/** Originals go some days after their upload has settled, by the service, and never before. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeImage } from '../../fixtures/make.ts';
import { expireOriginals } from '../../services/notification/expire-originals.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { createLogger } from '../../shared/logger.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { drivers, makeStore } from '../support/drivers.ts';
import { eventually } from '../support/eventually.ts';
import { startHouse } from '../support/house.ts';
import { mp4Like } from '../support/samples.ts';
import { startService } from '../support/service.ts';
import { listKeys } from '../support/stored.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const instructor = 'ada@example.org';
const log = createLogger('test', { logLevel: 'silent' });
const failed = { state: 'failed', reason: 'It is not a video.' } as const;
const settle = (door: TestDoor, upload: { readonly id: string; readonly batch: string }, keepOriginalsDays: number) =>
  settleUpload(door.ledger, { upload: { ...upload, round: 0 }, run: undefined, keepOriginalsDays }, failed);

describe('an original', () => {
  it('goes when its time is over, whatever became of the upload, and takes nobody along', async () => {
    await using door = await startDoor();
    const client = new Client(door.url);
    const { id: batch } = (await client.openBatch({ instructor })).body;
    const put = async (name: string) => (await client.putUpload(batch, name, mp4Like(100))).body.id;
    const [over, kept, waiting] = [await put('over.mp4'), await put('kept.mp4'), await put('waiting.mp4')];
    await settle(door, { id: over, batch }, 0);
    await settle(door, { id: kept, batch }, 7);
    const before = await listKeys(door.storage, `originals/${batch}/`);
    expect(before).toHaveLength(3);

    await expireOriginals({ ...door, log });
    expect(await listKeys(door.storage, `originals/${batch}/`)).toEqual(before.filter((key) => !key.includes(over)));

    const { body } = await client.readUpload(kept);
    const days = (Date.parse(body.originalExpiresAt ?? '') - Date.parse(body.settledAt ?? '')) / 86_400_000;
    expect(days).toBe(7);
    expect((await client.readUpload(waiting)).body.originalExpiresAt).toBeUndefined();
  });

  it('keeps its time when an upload is settled again', async () => {
    await using door = await startDoor();
    const client = new Client(door.url);
    const { id: batch } = (await client.openBatch({ instructor })).body;
    const { id } = (await client.putUpload(batch, 'a.mp4', mp4Like(100))).body;
    await settle(door, { id, batch }, 1);
    const { originalExpiresAt } = (await client.readUpload(id)).body;
    await settle(door, { id, batch }, 0);
    expect((await client.readUpload(id)).body.originalExpiresAt).toBe(originalExpiresAt);
    await expireOriginals({ ...door, log });
    expect(await listKeys(door.storage, `originals/${batch}/`)).toHaveLength(1);
  });
});

describe.each(drivers)('the notification service on $driver', ({ driver, need }) => {
  it('removes the originals that have expired; what was made of them stays', need, async () => {
    await using store = await makeStore(driver);
    await using house = await startHouse({ ...store.env, KEEP_ORIGINALS_DAYS: '0' });
    await using directory = await temporaryDirectory();
    const file = await makeImage({ file: join(directory.path, 'a.png') });
    const { body } = await house.client.sendBatch({ instructor }, [{ name: 'a.png', content: await readFile(file) }]);
    await house.notified(body.id);
    await using _another = await startService('notification', house.env);
    await eventually(async () => expect(await listKeys(house.storage, `originals/${body.id}/`)).toEqual([]), {
      within: 10_000,
    });
    expect((await listKeys(house.storage, `media/${body.id}/`)).length).toBeGreaterThan(3);
  });
});
