/** Bodies are streamed: what the upload service keeps in memory does not grow with them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Client } from '../support/client.ts';
import { startRedis } from '../support/redis.ts';
import { mp4LikeStream } from '../support/samples.ts';
import { type ServiceProcess, startService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const LIMIT = 200 * MiB;

let service: ServiceProcess;
let client: Client;
let batch: string;

beforeEach(async () => {
  const redis = await startRedis();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const directory = await temporaryDirectory();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  service = await startService('upload', { DATA_DIR: join(directory.path, 'data'), REDIS_URL: redis.url });
  onTestFinished(() => service[Symbol.asyncDispose]());
  client = new Client(service.address);
  batch = (await client.openBatch({ instructor: 'ada@example.org' })).body.id;
});

describe('the upload service stays below 200 MiB', () => {
  it('with one file of 2 GiB', async () => {
    const { body } = await client.putUpload(batch, 'long.mp4', mp4LikeStream(2 * GiB));
    expect(body.bytes).toBe(2 * GiB);
    expect(await peakMemory(service.pid)).toBeLessThan(LIMIT);
  });

  it('with eight files at once', async () => {
    const puts = Array.from({ length: 8 }, (_, index) =>
      client.putUpload(batch, `${index}.mp4`, mp4LikeStream(128 * MiB)),
    );
    for (const { body } of await Promise.all(puts)) expect(body.bytes).toBe(128 * MiB);
    expect(await peakMemory(service.pid)).toBeLessThan(LIMIT);
  });
});

/** Largest resident set the process has ever had, in bytes (proc(5), VmHWM). */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
  console.log(`peak memory of the upload service: ${Math.round(kibibytes / 1024)} MiB`);
  return kibibytes * 1024;
}
