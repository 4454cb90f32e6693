/** Opening, filling, sealing and reading batches through the door. */
import { describe, expect, it } from 'vitest';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { Client } from '../support/client.ts';
import { startDoor } from '../support/door.ts';
import { mp4Like } from '../support/samples.ts';
import { listAllKeys, listKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';
const file = (name: string, bytes = 5000) => ({ name, content: mp4Like(bytes) });

describe('POST /v1/batches with a form', () => {
  it('registers, enqueues and seals every file in the order of the form', async () => {
    await using door = await startDoor();
    const client = new Client(door.url);
    const { status, body } = await client.sendBatch({ instructor, title: 'Week 1' }, [file('b.mp4'), file('a.mp4')]);

    expect(status).toBe(202);
    expect(body).toMatchObject({ title: 'Week 1', instructor, state: 'sealed' });
    expect(body.refused).toBeUndefined();
    expect(body.uploads.map(({ name, sequence, queuePosition }) => ({ name, sequence, queuePosition }))).toEqual([
      { name: 'b.mp4', sequence: 1, queuePosition: 1 },
      { name: 'a.mp4', sequence: 2, queuePosition: 2 },
    ]);
    const waiting = await door.transcode.getWaiting();
    expect(waiting.map((job) => job.id)).toEqual(body.uploads.map((upload) => upload.id));
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(2);
    expect(await listKeys(door.storage, `records/${body.id}`)).toEqual([
      `records/${body.id}/00000001-${body.uploads[0]?.id}.json`,
      `records/${body.id}/00000002-${body.uploads[1]?.id}.json`,
      `records/${body.id}/batch.json`,
      `records/${body.id}/sealed.json`,
    ]);
    expect((await client.readBatch(body.id)).body).toEqual(body);
    const upload = body.uploads[0];
    expect((await client.readUpload(upload?.id ?? '')).body).toEqual(upload);
  });

  it('lists the refused files and keeps the others', async () => {
    await using door = await startDoor({ maxFileBytes: 6000 });
    const files = [
      { name: 'notes.txt', content: Buffer.alloc(2_000_000, 'just text') },
      file('kept.mp4'),
      file('too-large.mp4', 2_000_000),
      { name: 'empty.mp4', content: Buffer.alloc(0) },
      file('as-large-as-allowed.mp4', 6000),
    ];
    const { body } = await new Client(door.url).sendBatch({ instructor }, files);
    expect(body.uploads.map((upload) => upload.name)).toEqual(['kept.mp4', 'as-large-as-allowed.mp4']);
    expect(body.refused?.map(({ index, name, status }) => ({ index, name, status }))).toEqual([
      { index: 0, name: 'notes.txt', status: 415 },
      { index: 2, name: 'too-large.mp4', status: 413 },
      { index: 3, name: 'empty.mp4', status: 400 },
    ]);
    for (const { detail } of body.refused ?? []) expect(detail).toMatch(/Send/);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(2);
  });

  it('answers with the first refusal when all files are refused, and creates nothing', async () => {
    await using door = await startDoor();
    const files = [
      { name: 'a.txt', content: Buffer.from('text') },
      { name: 'b.mp4', content: Buffer.alloc(0) },
    ];
    await expect(new Client(door.url).sendBatch({ instructor }, files)).rejects.toMatchObject({ status: 415 });
    await expectNothing(door);
  });

  it('refuses the files beyond a full batch and keeps those before', async () => {
    await using door = await startDoor({ maxBatchFiles: 2 });
    const files = ['1.mp4', '2.mp4', '3.mp4'].map((name) => file(name));
    const { body } = await new Client(door.url).sendBatch({ instructor }, files);
    expect(body.uploads.map((upload) => upload.name)).toEqual(['1.mp4', '2.mp4']);
    expect(body.refused).toMatchObject([{ index: 2, name: '3.mp4', status: 413 }]);
  });

  it.each([
    { why: 'no instructor', fields: {}, files: [file('a.mp4')] },
    { why: 'no file', fields: { instructor }, files: [] },
    { why: 'an address without an @', fields: { instructor: 'ada.example.org' }, files: [file('a.mp4')] },
    { why: 'an address with a line break', fields: { instructor: 'a@b.c\r\nBcc: x@y.z' }, files: [file('a.mp4')] },
    { why: 'two addresses', fields: { instructor: 'a@b.c, x@y.z' }, files: [file('a.mp4')] },
    { why: 'a title of several lines', fields: { instructor, title: 'a\r\nb' }, files: [file('a.mp4')] },
    { why: 'a title that is too long', fields: { instructor, title: 'x'.repeat(201) }, files: [file('a.mp4')] },
  ])('refuses $why with 400 and creates nothing', async ({ fields, files }) => {
    await using door = await startDoor();
    await expect(new Client(door.url).sendBatch({ ...fields }, files)).rejects.toMatchObject({ status: 400 });
    await expectNothing(door);
  });

  it('refuses an instructor that comes after a file, and creates nothing', async () => {
    await using door = await startDoor();
    const form = new FormData();
    form.append('file', new File([new Uint8Array(mp4Like(5000))], 'a.mp4'));
    form.append('instructor', instructor);
    const response = await fetch(`${door.url}/v1/batches`, { method: 'POST', body: form });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('instructor') });
    await expectNothing(door);
  });

  it('refuses a title that comes after a file that was already stored, and removes that', async () => {
    await using door = await startDoor();
    const form = new FormData();
    form.append('instructor', instructor);
    form.append('file', new File([new Uint8Array(mp4Like(5000))], 'a.mp4'));
    form.append('title', 'too late');
    const response = await fetch(`${door.url}/v1/batches`, { method: 'POST', body: form });
    expect(response.status).toBe(400);
    await expectNothing(door);
  });
});

describe('an open batch', () => {
  it('takes forms and raw bodies in order until it is sealed', async () => {
    await using door = await startDoor();
    const client = new Client(door.url);
    const opened = await client.openBatch({ instructor, title: 'Week 2' });
    expect(opened.status).toBe(201);
    expect(opened.body).toMatchObject({ state: 'open', title: 'Week 2', uploads: [] });
    const { id } = opened.body;

    const added = await client.addUploads(id, [
      file('1.mp4'),
      { name: '2.txt', content: Buffer.from('no') },
      file('3.mp4'),
    ]);
    expect(added.status).toBe(201);
    expect(added.body.uploads.map((upload) => upload.name)).toEqual(['1.mp4', '3.mp4']);
    expect(added.body.refused).toMatchObject([{ index: 1, name: '2.txt', status: 415 }]);
    const put = await client.putUpload(id, '4.mp4', mp4Like(5000));
    expect(put.status).toBe(201);
    expect(put.body).toMatchObject({
      batch: id,
      name: '4.mp4',
      bytes: 5000,
      state: 'queued',
      kind: 'video',
      attempts: 0,
    });

    const sealed = await client.sealBatch(id);
    expect(sealed).toMatchObject({ status: 200, body: { state: 'sealed' } });
    expect(sealed.body.uploads.map((upload) => upload.name)).toEqual(['1.mp4', '3.mp4', '4.mp4']);
    expect(await client.sealBatch(id)).toEqual(sealed);
    const emptyJson = { method: 'POST', headers: { 'content-type': 'application/json' } };
    expect((await fetch(`${door.url}/v1/batches/${id}/seal`, emptyJson)).status).toBe(200);
    await expect(client.putUpload(id, 'late.mp4', mp4Like(5000))).rejects.toMatchObject({ status: 409 });
    await expect(client.addUploads(id, [file('late.mp4')])).rejects.toMatchObject({ status: 409 });
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(3);
    expect(await door.transcode.getWaitingCount()).toBe(3);
  });

  it('refuses more files than a batch may hold', async () => {
    await using door = await startDoor({ maxBatchFiles: 2 });
    const client = new Client(door.url);
    const { id } = (await client.openBatch({ instructor })).body;
    const added = await client.addUploads(id, [file('1.mp4'), file('2.mp4'), file('3.mp4')]);
    expect(added.body.refused).toMatchObject([{ index: 2, status: 413 }]);
    await expect(client.putUpload(id, '4.mp4', mp4Like(5000))).rejects.toMatchObject({ status: 413 });
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(2);
  });

  it('cannot be sealed while it is empty', async () => {
    await using door = await startDoor();
    const client = new Client(door.url);
    const { id } = (await client.openBatch({ instructor })).body;
    await expect(client.sealBatch(id)).rejects.toMatchObject({ status: 409 });
    expect((await client.readBatch(id)).body.state).toBe('open');
  });

  it('gets a title when it has none', async () => {
    await using door = await startDoor();
    expect((await new Client(door.url).openBatch({ instructor })).body.title).toBe('Untitled batch');
  });
});

it('answers 404 for what does not exist', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  await expect(client.readBatch('none')).rejects.toMatchObject({ status: 404 });
  await expect(client.readUpload('none')).rejects.toMatchObject({ status: 404 });
  await expect(client.sealBatch('none')).rejects.toMatchObject({ status: 404 });
  await expect(client.putUpload('none', 'a.mp4', mp4Like(5000))).rejects.toMatchObject({ status: 404 });
  await expect(client.addUploads('none', [file('a.mp4')])).rejects.toMatchObject({ status: 404 });
  const response = await fetch(`${door.url}/nothing-here`);
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

async function expectNothing(door: Awaited<ReturnType<typeof startDoor>>): Promise<void> {
  expect(await listAllKeys(door.storage)).toEqual([]);
  expect(await door.transcode.getJobCounts()).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
  expect(await door.ledger.redis.keys('{projectionist}:ledger:*')).toEqual([ledgerKey.epoch]);
}

it('an entry of our own that cannot be understood is our trouble, not the client’s: 500', async () => {
  await using door = await startDoor();
  const client = new Client(door.url);
  const { id } = (await client.openBatch({ instructor })).body;
  const upload = (await client.putUpload(id, 'a.mp4', mp4Like(200))).body.id;
  await door.ledger.redis.hset(ledgerKey.upload(upload), 'state', 'nonsense');
  await expect(client.readUpload(upload)).rejects.toMatchObject({ status: 500, detail: /on our side/ });
  await expect(client.openBatch({ instructor: 'nobody' })).rejects.toMatchObject({
    status: 400,
    detail: /^instructor: /,
  });
});
