/** What the S3 driver does beyond the contract of every store. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { AbortMultipartUploadCommand, CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { fetchOriginal } from '../../services/transcoder/fetch-original.ts';
import { nextStep } from '../../services/transcoder/next-step.ts';
import { openS3Storage } from '../../shared/storage/s3.ts';
import { abortIfOld } from '../../shared/storage/s3-unfinished.ts';
import { makeBuckets, type TestBuckets } from '../support/buckets.ts';
import { needs } from '../support/needs.ts';
import { startProxy } from '../support/proxy.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MiB = 1024 ** 2;
const key = 'originals/batch/upload/lecture.mp4';
const about = { contentType: 'video/mp4' };

const never = new AbortController().signal;

/** The body in the pieces that a socket gives. */
function streamed(body: Buffer): Readable {
  const pieces = Array.from({ length: Math.ceil(body.length / 65_536) }, (_, index) =>
    body.subarray(index * 65_536, (index + 1) * 65_536),
  );
  return Readable.from(pieces, { objectMode: false });
}

async function incompleteUploads({ client, config }: TestBuckets): Promise<unknown[]> {
  // MinIO lists them under their full key only.
  return client.listIncompleteUploads(config.bucket, key, true).toArray();
}

describe('the S3 driver', needs.s3, () => {
  it.each([
    { length: 0, sent: 'nothing' },
    { length: 5 * MiB - 1, sent: 'less than a part' },
    { length: 5 * MiB, sent: 'exactly a part' },
    { length: 5 * MiB + 1, sent: 'a byte more than a part' },
    { length: 15 * MiB, sent: 'exactly three parts' },
    { length: 17 * MiB + 7, sent: 'three parts and a bit' },
  ])('stores a body of unknown length unchanged: $sent', async ({ length }) => {
    await using buckets = await makeBuckets();
    const storage = openS3Storage(buckets.config);
    const body = randomBytes(length);
    await storage.write(key, streamed(body), about);
    const stored = await buffer(await buckets.client.getObject(buckets.config.bucket, key));
    expect(stored.equals(body)).toBe(true);
    expect(await buckets.client.statObject(buckets.config.bucket, key)).toMatchObject({
      size: length,
      metaData: { 'content-type': 'video/mp4' },
    });
    expect(await incompleteUploads(buckets)).toEqual([]);
    storage.close();
  });

  it('makes parts so large that the longest body has no more than 10,000', async () => {
    await using buckets = await makeBuckets();
    const storage = openS3Storage(buckets.config);
    await storage.write(key, streamed(randomBytes(13 * MiB)), { ...about, atMost: 60_000 * MiB });
    // S3 tells the number of parts in the entity tag.
    expect((await buckets.client.statObject(buckets.config.bucket, key)).etag).toMatch(/-3$/);
    storage.close();
  });

  it('gives its parts back when a body breaks off', async () => {
    await using buckets = await makeBuckets();
    const storage = openS3Storage(buckets.config);
    let begun: unknown[] = [];
    const body = Readable.from(
      (async function* () {
        for (let part = 0; part < 3; part++) yield randomBytes(5 * MiB);
        begun = await incompleteUploads(buckets);
        throw new Error('the client went away');
      })(),
      { objectMode: false },
    );
    await expect(storage.write(key, body, about)).rejects.toThrow('the client went away');
    expect(begun).toHaveLength(1);
    expect(await incompleteUploads(buckets)).toEqual([]);
    expect(await storage.stat(key)).toBeUndefined();
    storage.close();
  });

  it.each([
    { length: 'announced', bytes: 7 * MiB },
    { length: 'unknown', bytes: undefined },
  ])('refuses to believe a server that stored something else; length $length', async ({ bytes }) => {
    await using buckets = await makeBuckets();
    const body = randomBytes(7 * MiB);
    const right = Buffer.alloc(4);
    right.writeUInt32BE(crc32(body));
    // PutObject's answer names it in a header, that of CompleteMultipartUpload in its XML too.
    await using proxy = await startProxy(buckets.config.endpoint ?? '', (piece) =>
      Buffer.from(piece.toString('latin1').replaceAll(right.toString('base64'), 'AAAAAA=='), 'latin1'),
    );
    const storage = openS3Storage({ ...buckets.config, endpoint: proxy.url });
    await expect(
      storage.write(key, streamed(body), { ...about, ...(bytes !== undefined && { bytes }) }),
    ).rejects.toMatchObject({ name: 'StorageError', trouble: 'away', message: expect.stringContaining('AAAAAA==') });
    expect(await storage.stat(key)).toBeUndefined();
    storage.close();
  });

  it('says what is wrong with the bucket or the keys in its own words', async () => {
    await using buckets = await makeBuckets();
    const write = async (settings: object) => {
      const storage = openS3Storage({ ...buckets.config, ...settings });
      return storage.write(key, Readable.from(['x']), { ...about, bytes: 1 }).finally(() => storage.close());
    };
    await expect(write({ bucket: 'there-is-none' })).rejects.toMatchObject({ trouble: 'refused' });
    await expect(write({ secretAccessKey: 'not the secret' })).rejects.toMatchObject({ trouble: 'refused' });
    await expect(write({ endpoint: 'http://127.0.0.1:1' })).rejects.toMatchObject({ trouble: 'away' });
    const storage = openS3Storage(buckets.config);
    await expect(storage.read(key)).rejects.toMatchObject({ trouble: 'not-found' });
    storage.close();
  });

  it('takes a multipart upload that was completed while it was looked at for gone', async () => {
    await using buckets = await makeBuckets();
    const { endpoint = '', region, bucket: Bucket, accessKeyId, secretAccessKey } = buckets.config;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
    const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: key }));
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId }));
    const seen = { Bucket, Key: key, UploadId, initiated: new Date(0) };
    expect(await abortIfOld(client, seen, new Date())).toBe(false);
    client.destroy();
  });

  it('fails a read that breaks off in its own words', async () => {
    await using buckets = await makeBuckets();
    await buckets.client.putObject(buckets.config.bucket, key, randomBytes(20 * MiB));
    let left = 3 * MiB;
    await using proxy = await startProxy(buckets.config.endpoint ?? '', (piece) => {
      left -= piece.length;
      return left > 0 ? piece : undefined;
    });
    const storage = openS3Storage({ ...buckets.config, endpoint: proxy.url });
    await expect(buffer(await storage.read(key))).rejects.toMatchObject({ name: 'StorageError', trouble: 'away' });
    storage.close();
  });
});

describe('fetching an original', needs.s3, () => {
  it('goes on where a download broke off, again and again', async () => {
    await using buckets = await makeBuckets();
    await using directory = await temporaryDirectory();
    const original = randomBytes(20 * MiB);
    await buckets.client.putObject(buckets.config.bucket, key, original);
    let left = 6 * MiB;
    let cuts = 0;
    await using proxy = await startProxy(buckets.config.endpoint ?? '', (piece) => {
      left -= piece.length;
      if (left > 0) return piece;
      left = 6 * MiB;
      cuts++;
      return undefined;
    });
    const storage = openS3Storage({ ...buckets.config, endpoint: proxy.url });
    const path = join(directory.path, 'original');
    await fetchOriginal(storage, { key, bytes: original.length }, path, never);
    expect((await readFile(path)).equals(original)).toBe(true);
    expect(cuts).toBeGreaterThanOrEqual(3);
    // Nothing that had arrived was asked for again.
    expect(proxy.passed()).toBeLessThan(original.length * 1.5);
    storage.close();
  });

  it('gives up when nothing comes any more', async () => {
    await using buckets = await makeBuckets();
    await using directory = await temporaryDirectory();
    await buckets.client.putObject(buckets.config.bucket, key, randomBytes(MiB));
    await using proxy = await startProxy(buckets.config.endpoint ?? '', () => undefined);
    const storage = openS3Storage({ ...buckets.config, endpoint: proxy.url });
    const fetched = fetchOriginal(storage, { key, bytes: MiB }, join(directory.path, 'original'), never);
    await expect(fetched).rejects.toMatchObject({ name: 'StorageError', trouble: 'away' });
    storage.close();
  });

  it.each([999, 1001])('finds that an original is no longer whole: %i bytes of 1000', async (stored) => {
    await using buckets = await makeBuckets();
    await using directory = await temporaryDirectory();
    await buckets.client.putObject(buckets.config.bucket, key, randomBytes(stored));
    const storage = openS3Storage(buckets.config);
    const fetched = fetchOriginal(storage, { key, bytes: 1000 }, join(directory.path, 'original'), never);
    const error = await fetched.catch((failure: unknown) => failure);
    expect(error).toMatchObject({ name: 'FileFault', message: expect.stringContaining('no longer whole') });
    expect(nextStep(error, 1, 4)).toMatchObject({
      step: 'give-up',
      toolOutput: expect.stringContaining(`${stored} are`),
    });
    storage.close();
  });
});
