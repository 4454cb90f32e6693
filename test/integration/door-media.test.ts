/** Serving variants and health; and who may ask. */
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { variantKey } from '../../shared/storage/keys.ts';
import { makeBuckets } from '../support/buckets.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { startRedisProcess } from '../support/redis-process.ts';
import { mp4Like } from '../support/samples.ts';

const content = '0123456789'.repeat(10);

/** An upload that was settled with one variant of a hundred bytes. */
async function publishOne(door: TestDoor, name = 'Vorlesung "1".mov', contentType = 'video/mp4') {
  const client = new Client(door.url);
  const { id: batch } = (await client.openBatch({ instructor: 'ada@example.org' })).body;
  const { id } = (await client.putUpload(batch, name, mp4Like(5000))).body;
  const key = variantKey(`media/${batch}/1-x`, '1-a', '720p.mp4');
  await door.storage.write(key, Readable.from([content]), { contentType });
  const variant = {
    name: '720p',
    file: '720p.mp4',
    key,
    contentType,
    bytes: content.length,
    width: 1280,
    height: 720,
  };
  await settleUpload(
    door.ledger,
    { upload: { id, batch, round: 0 }, run: undefined, keepOriginalsDays: 7 },
    { state: 'ready', kind: 'video', variants: [variant] },
  );
  const upload = (await client.readUpload(id)).body;
  return { upload, url: door.url + (upload.variants[0]?.url ?? '') };
}

describe('GET and HEAD /v1/media', () => {
  it('serves the whole file under the address that the upload shows', async () => {
    await using door = await startDoor();
    const { upload, url } = await publishOne(door);
    expect(upload.variants).toEqual([
      {
        name: '720p',
        url: `/v1/media/${upload.id}/720p.mp4`,
        contentType: 'video/mp4',
        bytes: 100,
        width: 1280,
        height: 720,
      },
    ]);
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(url, { method });
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'video/mp4',
        'content-length': '100',
        'accept-ranges': 'bytes',
        'cache-control': expect.stringContaining('max-age='),
        'content-disposition': 'inline; filename="Vorlesung \\"1\\"-720p.mp4"',
        'x-content-type-options': 'nosniff',
        etag: expect.stringMatching(/^"[\w-]+"$/),
      });
      expect(await response.text()).toBe(method === 'GET' ? content : '');
    }
  });

  it.each([
    { range: 'bytes=0-9', status: 206, body: content.slice(0, 10), contentRange: 'bytes 0-9/100' },
    { range: 'bytes=95-', status: 206, body: content.slice(95), contentRange: 'bytes 95-99/100' },
    { range: 'bytes=-5', status: 206, body: content.slice(95), contentRange: 'bytes 95-99/100' },
    { range: 'bytes=99-2000', status: 206, body: content.slice(99), contentRange: 'bytes 99-99/100' },
    { range: 'bytes=0-1,5-6', status: 200, body: content, contentRange: null },
    { range: 'lines=1-2', status: 200, body: content, contentRange: null },
    { range: 'bytes=nonsense', status: 200, body: content, contentRange: null },
  ])('answers the range $range with $status', async ({ range, status, body, contentRange }) => {
    await using door = await startDoor();
    const { url } = await publishOne(door);
    const response = await fetch(url, { headers: { range } });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(response.headers.get('content-length')).toBe(String(body.length));
    expect(await response.text()).toBe(body);
  });

  it('answers 416 to a range outside of the file', async () => {
    await using door = await startDoor();
    const { url } = await publishOne(door);
    const response = await fetch(url, { headers: { range: 'bytes=100-' } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */100');
  });

  it('honours If-None-Match and If-Range', async () => {
    await using door = await startDoor();
    const { url } = await publishOne(door);
    const etag = (await fetch(url, { method: 'HEAD' })).headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-none-match': `"x", W/${etag}` } })).status).toBe(304);
    expect((await fetch(url, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    expect((await fetch(url, { headers: { range: 'bytes=0-9', 'if-range': etag } })).status).toBe(206);
    expect((await fetch(url, { headers: { range: 'bytes=0-9', 'if-range': '"x"' } })).status).toBe(200);
  });

  it('cannot be made to split its headers by a name', async () => {
    await using door = await startDoor();
    const { url } = await publishOne(door, 'a\r\nSet-Cookie: x=1 🎬.mp4');
    const response = await fetch(url);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''a%0D%0ASet-Cookie");
    await response.text();
  });

  it('answers 404 for anything else, also for keys that exist', async () => {
    await using door = await startDoor();
    const { upload } = await publishOne(door);
    for (const path of [`${upload.id}/360p.mp4`, 'none/720p.mp4', `${upload.id}/..%2F..%2Frecords`]) {
      expect((await fetch(`${door.url}/v1/media/${path}`)).status).toBe(404);
    }
  });
});

describe('every error is a problem with a detail', () => {
  const json = { 'content-type': 'application/json' };
  it.each<{ why: string; path: string; init?: RequestInit; status: number }>([
    { why: 'no such route', path: '/none', status: 404 },
    { why: 'a path that is not percent-encoded', path: '/v1/batches/%ZZ', status: 400 },
    { why: 'broken JSON', path: '/v1/batches', init: { method: 'POST', headers: json, body: '{' }, status: 400 },
    { why: 'no JSON', path: '/v1/batches', init: { method: 'POST', headers: json, body: '' }, status: 400 },
    { why: 'a list', path: '/v1/batches', init: { method: 'POST', headers: json, body: '[]' }, status: 400 },
    {
      why: 'another form',
      path: '/v1/batches',
      init: { method: 'POST', body: new URLSearchParams('a=b') },
      status: 415,
    },
    {
      why: 'a header that is too long',
      path: '/healthz',
      init: { headers: { long: 'x'.repeat(20_000) } },
      status: 431,
    },
  ])('$why', async ({ path, init, status }) => {
    await using door = await startDoor();
    const response = await fetch(door.url + path, init);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.stringMatching(/\w+ \w+/),
    });
  });
});

describe('health', () => {
  it('is ready while Redis and storage answer, and says 503 in time when one does not', async () => {
    await using door = await startDoor({}, startRedisProcess);
    expect((await fetch(`${door.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${door.url}/readyz`)).status).toBe(200);
    await door.ledger.redis.shutdown('NOSAVE').catch(() => {});
    await eventually(
      async () => {
        const response = await fetch(`${door.url}/readyz`);
        expect(response.status).toBe(503);
        expect(response.headers.get('retry-after')).toBe('5');
      },
      { within: 5000 },
    );
    expect((await fetch(`${door.url}/healthz`)).status).toBe(200);
  });
});

describe('without keys', () => {
  /** Sends headers that fetch does not let one set. */
  const statusOf = (url: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      httpRequest(`${url}/v1/batches/none`, { headers }, async (response) => {
        await text(response);
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });

  it('only pages and names of this house may ask', async () => {
    await using door = await startDoor({ publicUrl: 'https://media.example.org' });
    const { port } = new URL(door.url);
    expect(await statusOf(door.url, { host: `localhost:${port}` })).toBe(404);
    expect(await statusOf(door.url, { host: 'media.example.org' })).toBe(404);
    expect(await statusOf(door.url, { origin: 'http://localhost:1' })).toBe(404);
    expect(await statusOf(door.url, { origin: 'https://media.example.org' })).toBe(404);
    expect(await statusOf(door.url, { host: 'evil.example.org' })).toBe(403);
    expect(await statusOf(door.url, { host: `127.0.0.1.evil.example.org:${port}` })).toBe(403);
    expect(await statusOf(door.url, { origin: 'https://evil.example.org' })).toBe(403);
    expect(await statusOf(door.url, { origin: 'null' })).toBe(403);
  });

  it('any page may play media, by script and in ranges too, and read nothing else', async () => {
    await using door = await startDoor();
    const { upload, url } = await publishOne(door);
    const origin = { origin: 'https://course.example' };
    const response = await fetch(url, { headers: { ...origin, range: 'bytes=0-1' } });
    expect(response.status).toBe(206);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.stringContaining('content-range'),
    });
    await response.text();
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: { ...origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' },
    });
    expect(asked.status).toBe(204);
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': expect.stringContaining('range'),
    });
    const other = await fetch(`${door.url}/v1/uploads/${upload.id}`, { headers: origin });
    expect(other.status).toBe(403);
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    await other.text();
  });
});

describe('GET /v1/media with MEDIA_DELIVERY=redirect', needs.s3, () => {
  it('hands playlists and subtitles on itself, as what they name lies beside them', async () => {
    await using buckets = await makeBuckets({ media: true });
    await using door = await startDoor({ storage: buckets.config, mediaDelivery: 'redirect' });
    for (const contentType of ['application/vnd.apple.mpegurl', 'text/vtt']) {
      const { url } = await publishOne(door, 'lecture.mov', contentType);
      const response = await fetch(url, { redirect: 'manual' });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain(contentType);
      expect(await response.text()).toBe(content);
    }
  });

  it('sends clients to the store with an address that works for a while, in ranges too', async () => {
    await using buckets = await makeBuckets({ media: true });
    await using door = await startDoor({ storage: buckets.config, mediaDelivery: 'redirect' });
    const { url } = await publishOne(door);
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.status).toBe(302);
    const seconds = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1]);
    const signed = new URL(response.headers.get('location') ?? '');
    expect(signed.origin + signed.pathname).toMatch(`${buckets.config.endpoint}/${buckets.config.mediaBucket}/media/`);
    expect(Number(signed.searchParams.get('X-Amz-Expires'))).toBeGreaterThan(seconds * 2);

    const followed = await fetch(url, { headers: { range: 'bytes=10-14' } });
    expect(followed.status).toBe(206);
    expect(await followed.text()).toBe('01234');
    expect(followed.headers.get('content-type')).toBe('video/mp4');
    expect(followed.headers.get('content-disposition')).toBe(`inline; filename="Vorlesung \\"1\\"-720p.mp4"`);
  });

  it('names the address that clients can reach, and keeps HEAD and what is not there to itself', async () => {
    await using buckets = await makeBuckets();
    const storage = { ...buckets.config, publicEndpoint: 'https://media.example.org' };
    await using door = await startDoor({ storage, mediaDelivery: 'redirect' });
    const { url } = await publishOne(door);
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.headers.get('location')).toMatch(`https://media.example.org/${buckets.config.bucket}/media/`);
    const head = await fetch(url, { method: 'HEAD', redirect: 'manual' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '100']);
    expect((await fetch(`${url}x`, { redirect: 'manual' })).status).toBe(404);
  });
});
