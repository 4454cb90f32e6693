/** What hostile and unlucky clients send: names, cut-off bodies, limits, repeats, races. */
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { mp4Like } from '../support/samples.ts';
import { listKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';

async function openBatch(door: TestDoor) {
  const client = new Client(door.url);
  return { client, id: (await client.openBatch({ instructor })).body.id };
}

const names = [
  '../../etc/passwd',
  '..\\..\\boot.ini',
  '/absolute.mp4',
  'a\r\nSet-Cookie: x=1.mp4',
  'quote " and %22 and \\.mp4',
  '<script>alert(1)</script>.mp4',
  'Vorlesung 🎬 Überblick.mp4',
  'محاضرة.mp4',
  '.htaccess',
  '...',
  ' ',
  `${'x'.repeat(296)}.mp4`,
  'é'.repeat(300),
];

describe('names are data', () => {
  it.each(names)('keeps %j as the name of a raw body, and no file goes astray', async (name) => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    const { body } = await client.putUpload(id, name, mp4Like(5000));
    expect(body.name).toBe(name);
    expect((await client.readUpload(body.id)).body.name).toBe(name);
    await expectOnlyPlainKeys(door, 1);
  });

  it('keeps them all as names of a form, also twice the same', async () => {
    await using door = await startDoor({ maxBatchFiles: 50 });
    const { client, id } = await openBatch(door);
    // A browser writes " as %22; a name that has %22 of its own cannot be told from it.
    const sent = [...names, 'twice.mp4', 'twice.mp4'].filter((name) => !name.includes('%22'));
    const { body } = await client.addUploads(
      id,
      sent.map((name) => ({ name, content: mp4Like(5000) })),
    );
    expect(body.uploads.map((upload) => upload.name)).toEqual(sent);
    await expectOnlyPlainKeys(door, sent.length);
  });

  it('refuses a name of more than a thousand characters', async () => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    const tooLong = client.putUpload(id, 'x'.repeat(1001), mp4Like(5000));
    await expect(tooLong).rejects.toMatchObject({ status: 400 });
    await client.putUpload(id, 'x'.repeat(1000), mp4Like(5000));
  });

  async function expectOnlyPlainKeys(door: TestDoor, count: number) {
    const keys = await listKeys(door.storage, 'originals/');
    expect(keys).toHaveLength(count);
    for (const key of keys)
      expect(key).toMatch(/^originals\/[0-9a-f-]{36}\/[0-9a-f-]{36}\/[A-Za-z0-9][A-Za-z0-9.-]{0,59}$/);
  }
});

describe('the first bytes decide', () => {
  it.each([
    { what: 'an HLS playlist', content: '#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n' },
    { what: 'an SVG', content: '<svg xmlns="http://www.w3.org/2000/svg"/>' },
    { what: 'a PDF', content: '%PDF-1.7\n' },
    { what: 'HTML', content: '<!doctype html><title>x</title>' },
    { what: 'a HEIC image', content: '\0\0\0\x18ftypheic\0\0\0\0mif1heic' },
  ])('refuses $what that calls itself a video', async ({ content }) => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    const put = client.putUpload(id, 'lecture.mp4', Buffer.from(content, 'latin1'), { 'content-type': 'video/mp4' });
    await expect(put).rejects.toMatchObject({ status: 415, detail: expect.stringMatching(/send/i) });
    expect(await listKeys(door.storage, 'originals/')).toEqual([]);
  });

  it('takes a video that calls itself something else', async () => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x', 'nonsense']) {
      const { body } = await client.putUpload(id, 'notes.txt', mp4Like(5000), { 'content-type': type });
      expect(body).toMatchObject({ contentType: 'video/mp4', kind: 'video' });
    }
  });
});

describe('limits', () => {
  it.each([
    { body: 'announced', stream: false },
    { body: 'of unknown length', stream: true },
  ])('takes a file $body of just the allowed size, and not one byte more', async ({ stream }) => {
    await using door = await startDoor({ maxFileBytes: 300_000 });
    const { client, id } = await openBatch(door);
    const body = (bytes: number) => (stream ? chunksOf(mp4Like(bytes)) : mp4Like(bytes));
    expect((await client.putUpload(id, 'a.mp4', body(300_000))).body.bytes).toBe(300_000);
    await expect(client.putUpload(id, 'b.mp4', body(300_001))).rejects.toMatchObject({ status: 413 });
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
  });

  it('refuses an empty body', async () => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    await expect(client.putUpload(id, 'a.mp4', Buffer.alloc(0))).rejects.toMatchObject({ status: 400 });
    await expect(client.putUpload(id, 'a.mp4', chunksOf(Buffer.alloc(0)))).rejects.toMatchObject({ status: 400 });
  });

  it('takes a file of a single byte less than the sniffer looks at, and one more', async () => {
    await using door = await startDoor();
    const { client, id } = await openBatch(door);
    for (const bytes of [24, 4099, 4100, 4101]) {
      expect((await client.putUpload(id, 'a.mp4', mp4Like(bytes))).body.bytes).toBe(bytes);
    }
  });

  it('ends a form with far too many parts, and leaves nothing of it', async () => {
    await using door = await startDoor({ maxBatchFiles: 2 });
    const files = Array.from({ length: 110 }, (_, index) => ({ name: `${index}.mp4`, content: mp4Like(100) }));
    await expect(new Client(door.url).sendBatch({ instructor }, files)).rejects.toMatchObject({ status: 413 });
    expect(await listKeys(door.storage, '')).toEqual([]);
  });

  async function* chunksOf(content: Buffer) {
    for (let start = 0; start < content.length; start += 65_536) yield content.subarray(start, start + 65_536);
  }
});

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
    expect(await door.ledger.redis.keys('{projectionist}:ledger:*')).toEqual([]);
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

it('refuses a file whose batch is sealed while its body streams, and leaves no job', async () => {
  await using door = await startDoor();
  const { client, id } = await openBatch(door);
  await client.putUpload(id, 'first.mp4', mp4Like(5000));
  async function* sealedMidway() {
    yield mp4Like(200_000);
    await client.sealBatch(id);
    yield Buffer.alloc(1000);
  }
  await expect(client.putUpload(id, 'late.mp4', sealedMidway())).rejects.toMatchObject({ status: 409 });
  expect((await client.readBatch(id)).body.uploads.map((upload) => upload.name)).toEqual(['first.mp4']);
  expect(await listKeys(door.storage, 'originals/')).toHaveLength(1);
  expect(await door.transcode.getWaitingCount()).toBe(1);
});

it('gives one order to files that arrive at once: sequence, queue and position agree', async () => {
  await using door = await startDoor();
  const { client, id } = await openBatch(door);
  await Promise.all(Array.from({ length: 12 }, (_, index) => client.putUpload(id, `${index}.mp4`, mp4Like(5000))));
  const { uploads } = (await client.readBatch(id)).body;
  expect(uploads.map((upload) => upload.sequence)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  expect(uploads.map((upload) => upload.queuePosition)).toEqual(uploads.map((upload) => upload.sequence));
  expect((await door.transcode.getWaiting()).map((job) => job.id)).toEqual(uploads.map((upload) => upload.id));
});

it('registers and enqueues also when Redis has forgotten every script', async () => {
  await using door = await startDoor();
  const { client, id } = await openBatch(door);
  await client.putUpload(id, 'a.mp4', mp4Like(5000));
  await door.ledger.redis.script('FLUSH');
  const { body } = await client.putUpload(id, 'b.mp4', mp4Like(5000));
  expect(body.sequence).toBe(2);
  expect(await door.transcode.getWaitingCount()).toBe(2);
});
