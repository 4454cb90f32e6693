/** Bodies are streamed: what the upload service keeps in memory does not grow with them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Client } from '../support/client.ts';
import { type Driver, drivers, makeStore } from '../support/drivers.ts';
import { startRedis } from '../support/redis.ts';
import { mp4LikeStream } from '../support/samples.ts';
import { startService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MiB = 1024 ** 2;
/** Far more than the service may ever hold. */
const LONG = 640 * MiB;
/** For one body. Most of it is Node and what V8 lets pile up outside of its heap before it looks (64 MiB). */
const LIMIT = 200 * MiB;
/** Eight bodies come through eight sockets, and each that goes into S3 without a length fills a part of 5 MiB. */
const LIMIT_FOR_EIGHT: Record<Driver, number> = { disk: 224 * MiB, s3: 256 * MiB };

const TEST_WITHIN_MS = 120_000;

describe.each(drivers)('the upload service keeps its memory small on $driver', ({ driver, need }) => {
  describe('streams', { ...need, timeout: TEST_WITHIN_MS }, () => {
    it('one file of 640 MiB, its length announced', async () => {
      const { service, client, batch } = await openService(driver);
      const announced = { 'content-length': `${LONG}` };
      const { body } = await client.putUpload(batch, 'long.mp4', mp4LikeStream(LONG), announced);
      expect(body.bytes).toBe(LONG);
      expect(await peakMemory(service.pid)).toBeLessThan(LIMIT);
    });

    it('one file of 640 MiB, its length unknown', async () => {
      const { service, client, batch } = await openService(driver);
      const { body } = await client.putUpload(batch, 'long.mp4', mp4LikeStream(LONG));
      expect(body.bytes).toBe(LONG);
      expect(await peakMemory(service.pid)).toBeLessThan(LIMIT);
    });

    it('eight files at once, their lengths unknown', async () => {
      const { service, client, batch } = await openService(driver);
      const puts = Array.from({ length: 8 }, (_, index) =>
        client.putUpload(batch, `${index}.mp4`, mp4LikeStream(128 * MiB)),
      );
      for (const { body } of await Promise.all(puts)) expect(body.bytes).toBe(128 * MiB);
      expect(await peakMemory(service.pid)).toBeLessThan(LIMIT_FOR_EIGHT[driver]);
    });
  });
});

async function openService(driver: Driver) {
  const owned = new AsyncDisposableStack();
  onTestFinished(() => owned.disposeAsync());
  const redis = owned.use(await startRedis());
  const directory = owned.use(await temporaryDirectory());
  const store = owned.use(await makeStore(driver));
  const env = { ...store.env, DATA_DIR: join(directory.path, 'data'), REDIS_URL: redis.url };
  const service = owned.use(await startService('upload', env));
  const client = new Client(service.address);
  const batch = (await client.openBatch({ instructor: 'ada@example.org' })).body.id;
  return { service, client, batch };
}

/** Largest resident set the process has ever had, in bytes (proc(5), VmHWM). */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
  console.log(`peak memory of the upload service: ${Math.round(kibibytes / 1024)} MiB`);
  return kibibytes * 1024;
}
