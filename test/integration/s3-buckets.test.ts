/** Buckets and their rules on a real MinIO, and what is said where something is wrong. */
import { randomUUID } from 'node:crypto';
import { AssumeRoleProvider } from 'minio/dist/esm/AssumeRoleProvider.mjs';
import { describe, expect, it } from 'vitest';
import type { S3Config } from '../../infra/buckets/client.ts';
import { prepareBuckets } from '../../infra/buckets/prepare-buckets.ts';
import { makeBuckets, type TestBuckets } from '../support/buckets.ts';
import { needs } from '../support/needs.ts';

describe('preparing buckets', needs.s3, () => {
  it('creates what is missing, and changes nothing the second time', async () => {
    await using buckets = await makeBuckets();
    const bucket = `${buckets.config.bucket}-new`;
    const config = { ...buckets.config, bucket, mediaBucket: `${bucket}-media` };
    try {
      expect(await prepareBuckets(config)).toEqual([`bucket ${bucket}: created`, `bucket ${bucket}-media: created`]);
      expect(await prepareBuckets(config)).toEqual([]);
      expect(await buckets.client.listObjectsV2(bucket, '', true).toArray()).toEqual([]);
    } finally {
      for (const name of [bucket, `${bucket}-media`]) await buckets.client.removeBucket(name);
    }
  });

  it('may be done by several at once', async () => {
    await using buckets = await makeBuckets();
    const bucket = `${buckets.config.bucket}-new`;
    const config = { ...buckets.config, bucket, mediaBucket: bucket };
    try {
      const said = await Promise.all([1, 2, 3, 4].map(() => prepareBuckets(config)));
      expect(said.flat().length).toBeGreaterThan(0);
      expect(await buckets.client.bucketExists(bucket)).toBe(true);
    } finally {
      await buckets.client.removeBucket(bucket);
    }
  });

  it('makes a bucket private that strangers could read', async () => {
    await using buckets = await makeBuckets();
    const { client, config } = buckets;
    const { bucket } = config;
    await client.putObject(bucket, 'media/x', 'secret');
    const open = { Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${bucket}/*`] };
    await client.setBucketPolicy(bucket, JSON.stringify({ Version: '2012-10-17', Statement: [open] }));
    const asStranger = async () => (await fetch(`${config.endpoint}/${bucket}/media/x`)).status;
    expect(await asStranger()).toBe(200);
    expect(await prepareBuckets(config)).toEqual([`bucket ${bucket}: strangers could use it; made private`]);
    expect(await asStranger()).toBe(403);
  });

  it('leaves the lifecycle rules of somebody else alone, and says so', async () => {
    await using buckets = await makeBuckets();
    const { client, config } = buckets;
    const rule = { ID: 'mine', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } };
    await client.setBucketLifecycle(config.bucket, { Rule: [rule] });
    expect(await prepareBuckets(config)).toEqual([expect.stringMatching(/has lifecycle rules/)]);
    expect(await client.getBucketLifecycle(config.bucket)).toMatchObject({ Rule: { ID: 'mine' } });
  });
});

describe('preparing buckets says in one line', needs.s3, () => {
  const refused = async (config: S3Config, line: RegExp) => {
    await expect(prepareBuckets(config)).rejects.toMatchObject({
      name: 'Misconfigured',
      message: expect.stringMatching(line),
    });
    await expect(prepareBuckets(config)).rejects.not.toMatchObject({ message: expect.stringMatching(/\n/) });
  };

  it('that a key is wrong', async () => {
    await using buckets = await makeBuckets();
    await refused({ ...buckets.config, accessKeyId: 'nobody' }, /^S3_ACCESS_KEY_ID: /);
    await refused({ ...buckets.config, secretAccessKey: 'not the secret' }, /^S3_SECRET_ACCESS_KEY: /);
  });

  it('that the region is wrong', async () => {
    await using buckets = await makeBuckets();
    await refused({ ...buckets.config, region: 'eu-west-1' }, /^S3_REGION: bucket test-.* is in us-east-1/);
  });

  it('that a name is none', async () => {
    await using buckets = await makeBuckets();
    await refused({ ...buckets.config, bucket: 'Not_A_Bucket' }, /^bucket Not_A_Bucket: not a name that S3 allows$/);
  });

  it.each([
    { may: ['s3:ListBucket'], but: /may not write \(s3:PutObject\)/ },
    { may: ['s3:ListBucket', 's3:PutObject', 's3:DeleteObject'], but: /may not read \(s3:GetObject\)/ },
    { may: ['s3:ListBucket', 's3:PutObject', 's3:GetObject'], but: /may not remove \(s3:DeleteObject\)/ },
    { may: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'], but: /may not list it \(s3:ListBucket\)/ },
  ])('that keys with $may lack a right', async ({ may, but }) => {
    await using buckets = await makeBuckets();
    await refused(await restricted(buckets, may), but);
  });

  it('that a missing bucket may not be created', async () => {
    await using buckets = await makeBuckets();
    const keys = await restricted(buckets, ['s3:ListBucket', 's3:GetObject']);
    const bucket = `missing-${randomUUID()}`;
    await refused({ ...keys, bucket, mediaBucket: bucket }, new RegExp(`^bucket ${bucket}: key .* may not `));
  });

  it('that keys which may use the bucket, but not see its rules, are enough', async () => {
    await using buckets = await makeBuckets();
    const keys = await restricted(buckets, ['s3:ListBucket', 's3:PutObject', 's3:GetObject', 's3:DeleteObject']);
    expect(await prepareBuckets(keys)).toEqual([
      expect.stringMatching(/may not see its policy/),
      expect.stringMatching(/may not see its lifecycle rules/),
    ]);
  });

  it('that nobody answers', async () => {
    await using buckets = await makeBuckets();
    await expect(prepareBuckets({ ...buckets.config, endpoint: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      name: 'StorageError',
      trouble: 'away',
      message: expect.stringMatching(/^S3_ENDPOINT: http:\/\/127\.0\.0\.1:1 does not answer: /),
    });
  });
});

/** Temporary keys that may do only so much with the test's bucket. */
async function restricted({ config }: TestBuckets, actions: readonly string[]): Promise<S3Config> {
  const { bucket, endpoint, region, accessKeyId: accessKey, secretAccessKey: secretKey } = config;
  const resources = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: resources }],
  });
  const sts = { stsEndpoint: endpoint ?? '', accessKey, secretKey, durationSeconds: 900, region, policy };
  const keys = await new AssumeRoleProvider(sts).getCredentials();
  const sessionToken = keys.getSessionToken();
  return {
    ...config,
    accessKeyId: keys.getAccessKey(),
    secretAccessKey: keys.getSecretKey(),
    ...(sessionToken && { sessionToken }),
  };
}
