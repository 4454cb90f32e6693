/** Buckets of a test's own on the MinIO of the run: `await using buckets = await makeBuckets()`. */
import { randomUUID } from 'node:crypto';
import type { Client } from 'minio';
import { inject } from 'vitest';
import { bucketClient, type S3Config } from '../../infra/buckets/client.ts';
import { readConfig } from '../../shared/config.ts';

export interface TestBuckets extends AsyncDisposable {
  readonly config: S3Config;
  /** The settings that name them. */
  readonly env: Readonly<Record<string, string>>;
  /** Another reader than our own driver. */
  readonly client: Client;
}

/** Emptied and removed when disposed. @param own whether media/ has a bucket of its own. */
export async function makeBuckets(own: { readonly media: boolean } = { media: false }): Promise<TestBuckets> {
  const server = inject('servers')?.minio;
  if (!server || 'none' in server) throw new Error('there is no MinIO in this run: the test lacks needs.s3');
  const bucket = `test-${randomUUID()}`;
  const env = {
    STORAGE: 's3',
    S3_ENDPOINT: server.endpoint,
    S3_ACCESS_KEY_ID: server.accessKeyId,
    S3_SECRET_ACCESS_KEY: server.secretAccessKey,
    S3_BUCKET: bucket,
    ...(own.media && { S3_MEDIA_BUCKET: `${bucket}-media` }),
  };
  const { storage: config } = readConfig(env);
  if (config.driver !== 's3') throw new Error('STORAGE=s3 gave another driver');
  const client = bucketClient(config);
  const names = [...new Set([config.bucket, config.mediaBucket])];
  for (const name of names) await client.makeBucket(name);
  return {
    config,
    env,
    client,
    [Symbol.asyncDispose]: async () => {
      for (const name of names) await removeBucket(client, name);
    },
  };
}

async function removeBucket(client: Client, bucket: string): Promise<void> {
  const keys: string[] = [];
  for await (const { name } of client.listObjectsV2(bucket, '', true)) keys.push(name);
  await client.removeObjects(bucket, keys);
  await client.removeBucket(bucket);
}
