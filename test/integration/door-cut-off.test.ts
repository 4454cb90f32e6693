/** Bodies that end before their end: the client went away, or sent a broken form. */
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { openBatch } from '../support/open-batch.ts';
import { mp4Like } from '../support/samples.ts';
import { listKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';

describe('a body that is cut off', () => {
  const boundary = 'cut';
  const part = (name: string, content: Buffer) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`),
      content,
      Buffer.from('\r\n'),
    ]);
  const field = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="instructor"\r\n\r\n${instructor}\r\n`,
  );

  /** Sends the beginning of a longer body, waits until the door has begun to store it, and goes away. */
  async function sendAndLeave(door: TestDoor, head: string, body: Buffer, stored: () => Promise<void>) {
    const { port } = new URL(door.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`${head}\r\nHost: 127.0.0.1\r\nContent-Length: 9000000\r\n\r\n`);
    socket.write(body);
    await eventually(stored, { within: 5000 });
    socket.destroy();
  }

  it('leaves nothing of a raw body', async () => {
    await using door = await startDoor();
    const { id } = await openBatch(door);
    const head = `PUT /v1/batches/${id}/uploads/a.mp4 HTTP/1.1`;
    await sendAndLeave(door, head, mp4Like(200_000), async () => {
      expect(await incoming(door)).toHaveLength(1);
    });
    await expectNoObjects(door);
    expect((await new Client(door.url).readBatch(id)).body.uploads).toEqual([]);
  });

  it('leaves nothing of a one-request batch, not even its first files', async () => {
    await using door = await startDoor();
    const body = Buffer.concat([
      field,
      part('1.mp4', mp4Like(5000)),
      part('2.mp4', mp4Like(5000)),
      part('3.mp4', mp4Like(200_000)),
    ]);
    const head = `POST /v1/batches HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=${boundary}`;
    await sendAndLeave(door, head, body.subarray(0, -100_000), async () => {
      expect(await listKeys(door.storage, 'originals/')).toHaveLength(2);
      expect(await incoming(door)).toHaveLength(1);
    });
    await expectNoObjects(door);
    expect(await door.ledger.redis.keys('{projectionist}:ledger:*')).toEqual([ledgerKey.epoch]);
  });

  it('keeps the files of an open batch that had arrived whole', async () => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    const body = Buffer.concat([part('1.mp4', mp4Like(5000)), part('2.mp4', mp4Like(200_000))]);
    const head = `POST /v1/batches/${id}/uploads HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=${boundary}`;
    await sendAndLeave(door, head, body.subarray(0, -100_000), async () => {
      expect((await client.readBatch(id)).body.uploads).toHaveLength(1);
      expect(await incoming(door)).toHaveLength(1);
    });
    await eventually(async () => expect(await incoming(door)).toEqual([]), { within: 5000 });
    expect((await client.readBatch(id)).body.uploads.map((upload) => upload.name)).toEqual(['1.mp4']);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
  });

  it('answers 400 to a form that ends without its last boundary', async () => {
    await using door = await startDoor();
    const response = await fetch(`${door.url}/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: new Uint8Array(Buffer.concat([field, part('1.mp4', mp4Like(5000))])),
    });
    expect(response.status).toBe(400);
    await expectNoObjects(door);
  });

  const incoming = (door: TestDoor) => readdir(join(door.storageDirectory, '.incoming'));

  async function expectNoObjects(door: TestDoor) {
    await eventually(
      async () => {
        expect(await incoming(door)).toEqual([]);
        expect(await listKeys(door.storage, 'originals/')).toEqual([]);
      },
      { within: 5000 },
    );
  }
});
