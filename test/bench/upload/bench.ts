/** What is measured: MinIO, Redis and the upload service as people run it, and a client, each a process of its own. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareBuckets } from '../../../infra/buckets/prepare-buckets.ts';
import { readConfig } from '../../../shared/config.ts';
import { openS3Storage } from '../../../shared/storage/s3.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { startRedisProcess } from '../../support/redis-process.ts';
import { type ServiceProcess, startService } from '../../support/service.ts';
import { type BenchMinio, startMinio } from '../minio.ts';
import { type Sender, startSender } from './sender.ts';

export interface Bench extends AsyncDisposable {
  readonly storage: Storage;
  readonly service: ServiceProcess;
  readonly minio: BenchMinio;
  readonly client: Sender;
}

/** @param directory where MinIO and the service keep their files; nobody else's. */
export async function startBench(directory: string): Promise<Bench> {
  await using owned = new AsyncDisposableStack();
  const login = { user: 'bench', password: randomBytes(24).toString('base64url') };
  const minioDirectory = join(directory, 'minio');
  await mkdir(minioDirectory);
  const minio = owned.use(await startMinio(minioDirectory, login));
  const redis = owned.use(await startRedisProcess());
  const env = {
    DATA_DIR: join(directory, 'data'),
    REDIS_URL: redis.url,
    STORAGE: 's3',
    S3_ENDPOINT: minio.url,
    S3_BUCKET: 'bench',
    S3_ACCESS_KEY_ID: login.user,
    S3_SECRET_ACCESS_KEY: login.password,
  };
  const config = readConfig(env);
  if (config.storage.driver !== 's3') throw new Error('the bench measures S3');
  await prepareBuckets(config.storage);
  const storage = openS3Storage(config.storage);
  owned.defer(() => storage.close());
  const service = owned.use(await startService('upload', env));
  const client = owned.use(await startSender(env));
  const running = owned.move();
  return { storage, service, minio, client, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
