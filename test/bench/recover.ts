/** `npm run bench:recover [-- --uploads 10000 --rounds 3]`: how long it takes to rebuild an empty Redis from the bucket. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { prepareBuckets } from '../../infra/buckets/prepare-buckets.ts';
import { readConfig } from '../../shared/config.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue } from '../../shared/queues.ts';
import { recover } from '../../shared/recovery/recover.ts';
import { openStorage } from '../../shared/storage/open.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { startRedisProcess } from '../support/redis-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { machine } from './machine.ts';
import { startMinio } from './minio.ts';
import { fill } from './recover/fill.ts';
import { median } from './statistics.ts';

const options = { uploads: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '3' } } as const;
const { values } = parseArgs({ options });
const [uploads, rounds] = [Number(values.uploads), Number(values.rounds)];

await using directory = await temporaryDirectory();
console.log(`${machine()}\n${uploads} uploads, ${rounds} rounds: seconds, median (range)`);
await measure('disk', await openStorage({ driver: 'disk', directory: join(directory.path, 'storage') }));

const login = { user: 'bench', password: randomBytes(24).toString('base64url') };
await mkdir(join(directory.path, 'minio'));
await using minio = await startMinio(join(directory.path, 'minio'), login);
const { storage } = readConfig({
  STORAGE: 's3',
  S3_ENDPOINT: minio.url,
  S3_BUCKET: 'bench',
  S3_ACCESS_KEY_ID: login.user,
  S3_SECRET_ACCESS_KEY: login.password,
});
if (storage.driver === 's3') await prepareBuckets(storage);
await measure('MinIO', await openStorage(storage));

async function measure(name: string, storage: Storage): Promise<void> {
  await fill(storage, uploads);
  await using server = await startRedisProcess();
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const transcode = openQueue('transcode', redis);
  const seconds: number[] = [];
  const empty = await usedMemory(redis);
  const log = createLogger('bench', { logLevel: 'warn' });
  for (let round = 0; round < rounds; round++) {
    await redis.flushall();
    const begun = performance.now();
    const { restored } = await recover({ ledger: openLedger(redis), storage, transcode, keepOriginalsDays: 7, log });
    seconds.push((performance.now() - begun) / 1000);
    if (restored !== uploads) throw new Error(`${restored} of ${uploads} were put back`);
  }
  const [middle, least, most] = [median(seconds), Math.min(...seconds), Math.max(...seconds)].map((one) =>
    one.toFixed(1),
  );
  const bytesEach = Math.round(((await usedMemory(redis)) - empty) / uploads);
  console.log(`${name}: ${middle} (${least}–${most}); ${bytesEach} bytes of Redis' memory for each upload`);
  await transcode.close();
  redis.disconnect();
  storage.close();
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}
