/** What the door cannot take it refuses at once, before the body is read; and it goes on when the outage is over. */
import { once } from 'node:events';
import { readdir, rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StorageError } from '../../shared/errors.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { reportTranscoder } from '../../shared/ledger/transcoders.ts';
import { ask, json } from '../support/ask.ts';
import { makeBuckets } from '../support/buckets.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { openBatch } from '../support/open-batch.ts';
import { startProxy } from '../support/proxy.ts';
import { startRedisProcess, type TestRedisProcess } from '../support/redis-process.ts';
import { mp4Like, mp4LikeStream } from '../support/samples.ts';
import { listAllKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';
const AT_ONCE_MS = 1_500;
const NOTICED_WITHIN_MS = 5_000;
const BACK_WITHIN_MS = 10_000;

const houseState = async (door: TestDoor) => {
  const response = await fetch(`${door.url}/admin/health`);
  return z.object({ state: z.string(), reasons: z.array(z.string()) }).parse(await response.json());
};

const stream = (bytes: number) => ({ body: mp4LikeStream(bytes), duplex: 'half' }) as RequestInit;
function form(bytes: number): RequestInit {
  const body = new FormData();
  body.append('instructor', instructor);
  body.append('file', new File([new Uint8Array(mp4Like(bytes))], 'a.mp4'));
  return { body };
}

/** Each way to bring something, answered at once with this status. */
async function expectRefused(door: TestDoor, batch: string, status: number, detail: RegExp) {
  const before = await listAllKeys(door.storage).catch(() => undefined);
  const requests: readonly (readonly [string, string, RequestInit])[] = [
    ['POST', '/v1/batches', json({ instructor })],
    ['POST', '/v1/batches', form(5_000_000)],
    ['POST', `/v1/batches/${batch}/uploads`, form(5_000_000)],
    ['PUT', `/v1/batches/${batch}/uploads/a.mp4`, stream(9_000_000)],
    ['PUT', `/v1/batches/${batch}/uploads/b.mp4`, { body: new Uint8Array(mp4Like(9_000_000)) }],
  ];
  for (const [method, path, init] of requests) {
    const said = await ask(door, method, path, init);
    expect(said, `${method} ${path}`).toMatchObject({ status, detail: expect.stringMatching(detail) });
    expect(Number(said.retryAfter)).toBeGreaterThan(0);
    expect(said.tookMs).toBeLessThan(AT_ONCE_MS);
  }
  const probes = [await ask(door, 'GET', '/healthz'), await ask(door, 'GET', '/admin/health')];
  for (const { status, tookMs } of probes) {
    expect(status).toBe(200);
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
  }
  expect(await listAllKeys(door.storage).catch(() => undefined)).toEqual(before);
}

const noticed = (door: TestDoor, sees: (around: ReturnType<TestDoor['lookout']['surroundings']>) => boolean) =>
  eventually(() => expect(sees(door.lookout.surroundings())).toBe(true), { within: NOTICED_WITHIN_MS });

const takesAgain = (door: TestDoor, batch: string) =>
  eventually(() => new Client(door.url).putUpload(batch, 'again.mp4', mp4Like(5000)), { within: BACK_WITHIN_MS });

async function withRedisOfOwn(use: (door: TestDoor, batch: string, redis: TestRedisProcess) => Promise<void>) {
  let redis: TestRedisProcess | undefined;
  await using door = await startDoor({}, async () => {
    redis = await startRedisProcess();
    return redis;
  });
  if (!redis) throw new Error('no Redis was started');
  const { id } = await openBatch(door);
  await use(door, id, redis);
}

describe('while Redis', () => {
  it('says nothing, nothing hangs, and afterwards it goes on', () =>
    withRedisOfOwn(async (door, batch, redis) => {
      process.kill(redis.pid, 'SIGSTOP');
      try {
        // Those that come before it is noticed get their answer too.
        const early = await ask(door, 'PUT', `/v1/batches/${batch}/uploads/early.mp4`, stream(1_000_000));
        expect(early).toMatchObject({ status: 503, retryAfter: '5' });
        expect(early.tookMs).toBeLessThan(5000);
        await noticed(door, ({ queueAnswers }) => !queueAnswers);
        await expectRefused(door, batch, 503, /queue cannot be reached/);
        const ready = await ask(door, 'GET', '/readyz');
        expect(ready.status).toBe(503);
        expect(ready.tookMs).toBeLessThan(AT_ONCE_MS);
        expect((await ask(door, 'GET', `/v1/batches/${batch}`)).status).toBe(503);
        expect((await ask(door, 'POST', '/admin/queue/pause')).status).toBe(503);
        const reasons = ['Redis does not answer: uploads are refused.'];
        expect(await houseState(door)).toEqual({ state: 'critical', reasons });
      } finally {
        process.kill(redis.pid, 'SIGCONT');
      }
      await takesAgain(door, batch);
      expect((await new Client(door.url).readBatch(batch)).body.uploads.map(({ name }) => name)).toEqual(['again.mp4']);
      expect((await ask(door, 'GET', '/readyz')).status).toBe(200);
    }));

  it('is gone, and a body that was on its way gets its answer', () =>
    withRedisOfOwn(async (door, batch, redis) => {
      const { promise: rest, resolve: sendRest } = Promise.withResolvers<void>();
      const body = async function* () {
        yield mp4Like(200_000);
        await rest;
        yield Buffer.alloc(1000);
      };
      const upload = ask(door, 'PUT', `/v1/batches/${batch}/uploads/a.mp4`, {
        body: body(),
        duplex: 'half',
      } as RequestInit);
      const incoming = join(door.storageDirectory, '.incoming');
      await eventually(async () => expect(await readdir(incoming)).toHaveLength(1), { within: 3000 });
      process.kill(redis.pid, 'SIGKILL');
      await noticed(door, ({ queueAnswers }) => !queueAnswers);
      const begun = performance.now();
      sendRest();
      expect(await upload).toMatchObject({ status: 503, retryAfter: '5' });
      expect(performance.now() - begun).toBeLessThan(6000);
      await expectRefused(door, batch, 503, /queue cannot be reached/);
      expect((await ask(door, 'GET', '/readyz')).status).toBe(503);
    }));

  it('has lost everything, until it was recovered', async () => {
    await using door = await startDoor();
    const { id } = await openBatch(door);
    const lost = await door.ledger.redis.getdel(ledgerKey.epoch);
    await noticed(door, ({ load }) => load?.whole === false);
    await expectRefused(door, id, 503, /put together again/);
    expect((await ask(door, 'GET', '/readyz')).status).toBe(503);
    expect((await ask(door, 'GET', `/v1/batches/${id}`)).status).toBe(200);
    await door.ledger.redis.set(ledgerKey.epoch, lost ?? '');
    await takesAgain(door, id);
  });

  it('refuses what needs memory, or to write at all', () =>
    withRedisOfOwn(async (door, batch) => {
      const { redis } = door.ledger;
      await redis.config('SET', 'maxmemory', '1');
      // Not before it is noticed: by Redis's own answer.
      const said = await ask(door, 'PUT', `/v1/batches/${batch}/uploads/a.mp4`, stream(1_000_000));
      expect(said).toMatchObject({ status: 503, detail: expect.stringMatching(/queue has no memory left/) });
      await noticed(door, ({ load }) => (load?.redisMemoryShare ?? 0) > 1);
      await expectRefused(door, batch, 503, /queue has no memory left/);
      await redis.config('SET', 'maxmemory', '0');
      await takesAgain(door, batch);
      await redis.replicaof('127.0.0.1', 1);
      const readOnly = await ask(door, 'POST', '/v1/batches', json({ instructor }));
      expect(readOnly).toMatchObject({ status: 503, retryAfter: '5' });
    }));
});

describe('while the storage is away', () => {
  it('on disk: refused at once, what comes before that too, and nothing is left', async () => {
    await using door = await startDoor();
    const { id } = await openBatch(door);
    await rename(door.storageDirectory, `${door.storageDirectory}-away`);
    expect(await ask(door, 'PUT', `/v1/batches/${id}/uploads/a.mp4`, stream(1_000_000))).toMatchObject({ status: 503 });
    await noticed(door, ({ storage }) => !storage.answers);
    await expectRefused(door, id, 503, /storage cannot be reached/);
    expect((await ask(door, 'GET', '/readyz')).status).toBe(503);
    // What needs no storage works.
    expect((await ask(door, 'GET', `/v1/batches/${id}`)).status).toBe(200);
    await rename(`${door.storageDirectory}-away`, door.storageDirectory);
    // Who is told that it is over is not refused for what was seen last.
    expect((await ask(door, 'GET', '/readyz')).status).toBe(200);
    expect(door.lookout.surroundings().storage.answers).toBe(true);
    await takesAgain(door, id);
    expect((await listAllKeys(door.storage)).filter((key) => key.startsWith('originals/'))).toHaveLength(1);
  });

  it('on S3: the same, also for a body that was on its way', needs.s3, async () => {
    await using buckets = await makeBuckets();
    await using between = await startProxy(buckets.config.endpoint ?? '');
    await using door = await startDoor({
      maxFileBytes: 100_000_000,
      storage: { ...buckets.config, endpoint: between.url },
    });
    const { id } = await openBatch(door);
    const { promise: sent, resolve: sentMost } = Promise.withResolvers<void>();
    const { promise: rest, resolve: sendRest } = Promise.withResolvers<void>();
    const body = async function* () {
      // More than lies between a client and the store.
      yield* mp4LikeStream(60_000_000);
      sentMost();
      await rest;
      yield Buffer.alloc(1_000_000);
    };
    const upload = ask(door, 'PUT', `/v1/batches/${id}/uploads/a.mp4`, { body: body(), duplex: 'half' } as RequestInit);
    await sent;
    between.cut();
    sendRest();
    expect(await upload).toMatchObject({ status: 503, retryAfter: '5' });
    await noticed(door, ({ storage }) => !storage.answers);
    await expectRefused(door, id, 503, /storage cannot be reached/);
    between.mend();
    await takesAgain(door, id);
  });
});

describe('a house that can take no more', () => {
  const admission = { maxQueue: 2, minFreeBytes: 0 };

  it('takes files until as many wait as may', async () => {
    await using door = await startDoor({ admission });
    const { client, id } = await openBatch(door);
    await client.putUpload(id, '1.mp4', mp4Like(200));
    await noticed(door, ({ load }) => load?.backlog === 1);
    await client.putUpload(id, '2.mp4', mp4Like(200));
    await noticed(door, ({ load }) => load?.backlog === 2);
    await expectRefused(door, id, 503, /2 files are waiting already/);
    // However the path is written: what counts is the route.
    expect((await ask(door, 'POST', '/%761/batches', json({ instructor }))).status).toBe(503);
    expect((await ask(door, 'GET', '/readyz')).status).toBe(200);
    expect((await client.sealBatch(id)).status).toBe(200);
    await door.ledger.redis.zpopmin(ledgerKey.queued);
    const other = await eventually(() => client.openBatch({ instructor }), { within: NOTICED_WITHIN_MS });
    expect(other.status).toBe(201);
  });

  it('refuses what would not leave MIN_FREE_BYTES on the disk of the storage, with 507', async () => {
    await using door = await startDoor({ admission: { maxQueue: 10, minFreeBytes: Number.MAX_SAFE_INTEGER } });
    await noticed(door, ({ storage }) => storage.freeBytes !== undefined);
    await expectRefused(door, 'none', 507, /storage is full/);
    const { state, reasons } = await houseState(door);
    expect(state).toBe('critical');
    expect(reasons).toContain('The storage is full: uploads are refused.');
  });

  it('refuses what no transcoder has room for, counting the length that is announced', async () => {
    await using door = await startDoor({ admission: { maxQueue: 10, minFreeBytes: 1_000_000 } });
    const { client, id } = await openBatch(door);
    await reportTranscoder(door.ledger, { name: 'a', freeBytes: 3_000_000 });
    await noticed(door, ({ load }) => load?.transcoders.length === 1);
    const put = (bytes: number) =>
      ask(door, 'PUT', `/v1/batches/${id}/uploads/a.mp4`, { body: new Uint8Array(mp4Like(bytes)) });
    expect((await put(2_000_000)).status).toBe(201);
    expect(await put(2_000_001)).toMatchObject({ status: 507, retryAfter: '60' });
    // A form's length is that of many files.
    expect((await client.addUploads(id, [{ name: 'f.mp4', content: mp4Like(3_000_000) }])).status).toBe(201);
    await reportTranscoder(door.ledger, { name: 'a', freeBytes: 999_999 });
    await noticed(door, ({ load }) => load?.transcoders[0]?.freeBytes === 999_999);
    await expectRefused(door, id, 507, /No transcoder has room/);
  });

  it('refuses further bodies when the storage has just had no room for one', async () => {
    await using door = await startDoor();
    const { id } = await openBatch(door);
    door.lookout.noteFailure(new StorageError('no-space', 'storage: no space left on device'));
    await expectRefused(door, id, 507, /storage is full/);
  });
});

it('reads a refused body to its end, so that the connection serves the next request', async () => {
  await using door = await startDoor({ admission: { maxQueue: 10, minFreeBytes: Number.MAX_SAFE_INTEGER } });
  await noticed(door, ({ storage }) => storage.freeBytes !== undefined);
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  let said = '';
  socket.on('data', (piece) => {
    said += piece;
  });
  const put = (bytes: number) =>
    `PUT /v1/batches/b/uploads/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${bytes}\r\n\r\n`;
  socket.write(put(20_000_000));
  await eventually(() => expect(said).toContain('HTTP/1.1 507'), { within: AT_ONCE_MS });
  for (let sent = 0; sent < 20; sent++) if (!socket.write(Buffer.alloc(1_000_000))) await once(socket, 'drain');
  socket.write(put(1));
  socket.write('x');
  await eventually(() => expect(said.match(/HTTP\/1.1 507/g)).toHaveLength(2), { within: 5000 });
  socket.destroy();
});
