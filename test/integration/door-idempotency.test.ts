/** Requests that are sent again, one after the other or at once. */
import { describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { startDoor } from '../support/door.ts';
import { openBatch } from '../support/open-batch.ts';
import { mp4Like } from '../support/samples.ts';
import { listKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'one' };

  it('gives the same batch again, opened or whole, and keeps no second copy', async () => {
    await using door = await startDoor();
    const client = new Client(door.url);
    const opened = await client.openBatch({ instructor }, key);
    expect((await client.openBatch({ instructor }, key)).body.id).toBe(opened.body.id);
    const files = [{ name: 'a.mp4', content: mp4Like(5000) }];
    const whole = await client.sendBatch({ instructor }, files, key);
    expect(await client.sendBatch({ instructor }, files, key)).toEqual(whole);
    expect(whole.body.id).not.toBe(opened.body.id);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
    const other = await client.openBatch({ instructor: 'eve@example.org' }, key);
    expect(other.body.id).not.toBe(opened.body.id);
  });

  it('gives the same upload again, also when the batch was sealed in between', async () => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    const put = await client.putUpload(id, 'a.mp4', mp4Like(5000), key);
    const added = await client.addUploads(id, [{ name: 'b.mp4', content: mp4Like(5000) }], key);
    await client.sealBatch(id);
    expect(await client.putUpload(id, 'a.mp4', mp4Like(5000), key)).toEqual(put);
    expect(await client.addUploads(id, [{ name: 'b.mp4', content: mp4Like(5000) }], key)).toEqual(added);
    expect((await client.readBatch(id)).body.uploads).toHaveLength(2);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(2);
  });

  it('makes one upload of many requests at once', async () => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    const puts = await Promise.all(
      Array.from({ length: 8 }, () => client.putUpload(id, 'a.mp4', mp4Like(300_000), key)),
    );
    expect(new Set(puts.map(({ body }) => body.id)).size).toBe(1);
    expect((await client.readBatch(id)).body.uploads).toHaveLength(1);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
    expect(await door.transcode.getWaitingCount()).toBe(1);
  });

  it('makes one batch of many forms at once', async () => {
    await using door = await startDoor();
    const client = new Client(door.url);
    const files = [
      { name: 'a.mp4', content: mp4Like(300_000) },
      { name: 'b.mp4', content: mp4Like(5000) },
    ];
    const sent = await Promise.all(Array.from({ length: 6 }, () => client.sendBatch({ instructor }, files, key)));
    expect(new Set(sent.map(({ body }) => body.id)).size).toBe(1);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(2);
    expect(await door.transcode.getWaitingCount()).toBe(2);
  });

  it('is refused when it is empty or absurdly long', async () => {
    await using door = await startDoor();
    const client = new Client(door.url);
    for (const value of ['', 'x'.repeat(256)]) {
      await expect(client.openBatch({ instructor }, { 'idempotency-key': value })).rejects.toMatchObject({
        status: 400,
      });
    }
  });
});
