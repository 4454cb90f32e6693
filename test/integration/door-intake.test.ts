/** What hostile and unlucky clients send: names, types, limits, races. */
import { describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { openBatch } from '../support/open-batch.ts';
import { startRedisProcess } from '../support/redis-process.ts';
import { mp4Like } from '../support/samples.ts';
import { listAllKeys, listKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';

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
    expect(await listAllKeys(door.storage)).toEqual([]);
  });

  async function* chunksOf(content: Buffer) {
    for (let start = 0; start < content.length; start += 65_536) yield content.subarray(start, start + 65_536);
  }
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
  await using door = await startDoor({}, startRedisProcess);
  const { client, id } = await openBatch(door);
  await client.putUpload(id, 'a.mp4', mp4Like(5000));
  await door.ledger.redis.script('FLUSH');
  const { body } = await client.putUpload(id, 'b.mp4', mp4Like(5000));
  expect(body.sequence).toBe(2);
  expect(await door.transcode.getWaitingCount()).toBe(2);
});
