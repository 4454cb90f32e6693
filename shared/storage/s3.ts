/** Objects in an S3 bucket: MinIO, AWS and what speaks their protocol. The bucket must be there. */
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { StorageConfig } from '../config.ts';
import { StorageError, type StorageTrouble } from '../errors.ts';
import { exactLength } from './exact-length.ts';
import type { ByteRange, ObjectAbout, Storage, StoredObject } from './storage.ts';

const MiB = 1024 ** 2;

/** S3 takes no larger body in one PutObject (S3 user guide, "Uploading objects"). */
const MAX_SINGLE_PUT = 5 * 1024 * MiB;

/** 10,000 parts of this size are the largest object a body of unknown length may become: 78 GiB. */
const PART_BYTES = 8 * MiB;

/** Parts sent at once for one body; each is held in memory, and so is the one that fills. */
const PARTS_AT_ONCE = 1;

const CONNECT_TIMEOUT_MS = 3_000;
/** No byte for this long means the store is away. */
const IDLE_TIMEOUT_MS = 60_000;

type S3Config = Extract<StorageConfig, { driver: 's3' }>;

export function openS3Storage(config: S3Config): Storage {
  const client = new S3Client({
    ...(config.endpoint !== undefined && { endpoint: config.endpoint, forcePathStyle: true }),
    region: config.region,
    credentials: { accessKeyId: config.accessKeyId, secretAccessKey: config.secretAccessKey },
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
  });
  const Bucket = config.bucket;

  async function send(
    object: { readonly Key: string; readonly Body: Readable; readonly ContentType: string },
    bytes: number | undefined,
    abortController: AbortController,
  ): Promise<void> {
    const params = { Bucket, ...object };
    if (bytes !== undefined && bytes <= MAX_SINGLE_PUT) {
      const abortSignal = abortController.signal;
      await client.send(new PutObjectCommand({ ...params, ContentLength: bytes }), { abortSignal });
    } else {
      await new Upload({ client, params, abortController, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE }).done();
    }
  }

  return {
    async write(Key: string, body: Readable, about: ObjectAbout) {
      // An error of the body inside the SDK is an uncaught exception (its chunked encoder re-emits it where nobody
      // listens), so the SDK reads from an outlet that never fails: it just ends, or the request is given up.
      const counted = about.bytes === undefined ? new PassThrough() : exactLength(Key, about.bytes);
      const read = pipeline(body, counted);
      const outlet = counted.pipe(new PassThrough());
      const giveUp = new AbortController();
      const stored = send({ Key, Body: outlet, ContentType: about.contentType }, about.bytes, giveUp);
      let failed: { readonly by: 'source' | 'store'; readonly error: unknown } | undefined;
      await Promise.all([
        read.catch((error) => {
          failed ??= { by: 'source', error };
          giveUp.abort();
          outlet.destroy();
        }),
        stored.catch((error) => {
          failed ??= { by: 'store', error };
          counted.destroy();
        }),
      ]);
      if (failed) throw failed.by === 'source' ? failed.error : translate(failed.error, Key);
    },

    async createIfAbsent(Key, body, about) {
      try {
        await client.send(
          new PutObjectCommand({ Bucket, Key, Body: body, ContentType: about.contentType, IfNoneMatch: '*' }),
        );
        return true;
      } catch (error) {
        if (statusOf(error) === 412) return false;
        throw translate(error, Key);
      }
    },

    async read(Key: string, range?: ByteRange) {
      try {
        const { Body } = await client.send(
          new GetObjectCommand({ Bucket, Key, ...(range && { Range: `bytes=${range.start}-${range.end}` }) }),
        );
        if (!(Body instanceof Readable)) throw new StorageError('away', `${Key}: the store sent no body`);
        return Body;
      } catch (error) {
        throw translate(error, Key);
      }
    },

    async stat(key) {
      try {
        const head = await client.send(new HeadObjectCommand({ Bucket, Key: key }));
        return { key, bytes: head.ContentLength ?? 0, modifiedAt: head.LastModified ?? new Date(0) };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw translate(error, key);
      }
    },

    async *list(Prefix): AsyncIterable<StoredObject> {
      let ContinuationToken: string | undefined;
      do {
        const page = await client
          .send(new ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken && { ContinuationToken }) }))
          .catch((error) => {
            throw translate(error, Prefix);
          });
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          if (Key !== undefined) yield { key: Key, bytes: Size ?? 0, modifiedAt: LastModified ?? new Date(0) };
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
    },

    async remove(Key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key })).catch((error) => {
        throw translate(error, Key);
      });
    },

    async signedUrl(Key, lifetimeSeconds) {
      return getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: lifetimeSeconds });
    },

    async check() {
      await client.send(new HeadBucketCommand({ Bucket })).catch((error) => {
        throw translate(error, `bucket ${Bucket}`);
      });
    },

    close() {
      client.destroy();
    },
  };
}

const statusOf = (error: unknown) => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined);

function translate(error: unknown, what: string): StorageError {
  if (error instanceof StorageError) return error;
  const name = error instanceof Error ? error.name : '';
  const said = error instanceof Error ? error.message || name : String(error);
  return new StorageError(troubleOf(name, statusOf(error)), `storage: ${what}: ${said}`, { cause: error });
}

function troubleOf(name: string, status: number | undefined): StorageTrouble {
  // MinIO says XMinioStorageFull with 507.
  if (status === 507 || name.includes('StorageFull')) return 'no-space';
  if (status === 404) return 'not-found';
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) return 'refused';
  return 'away';
}
