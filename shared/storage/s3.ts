/** Objects in S3 buckets: MinIO, AWS and what speaks their protocol. The buckets must be there (infra/buckets). */
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { StorageConfig } from '../config.ts';
import { StorageError } from '../errors.ts';
import { statusOf, translate } from './s3-errors.ts';
import { sendBody } from './s3-send-body.ts';
import { abortIfOld, unfinishedUploads } from './s3-unfinished.ts';
import type { ByteRange, ObjectAbout, Room, Storage, StoredObject } from './storage.ts';
import { withErrors } from './with-errors.ts';

const CONNECT_TIMEOUT_MS = 3_000;
/** No byte for this long means the store is away. */
const IDLE_TIMEOUT_MS = 60_000;

/** The SDK's default prints to the console where we throw and whoever catches logs. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

type S3Config = Extract<StorageConfig, { driver: 's3' }>;

export function openS3Storage(config: S3Config): Storage {
  const client = connect(config, config.endpoint);
  // Signing asks no server: it only has to name the one that clients can reach.
  const signer = config.publicEndpoint === undefined ? client : connect(config, config.publicEndpoint);
  const bucketOf = (key: string) =>
    key.startsWith('media/' satisfies `${Room}/`) ? config.mediaBucket : config.bucket;

  return {
    write(Key: string, body: Readable, about: ObjectAbout) {
      return sendBody(client, { Bucket: bucketOf(Key), Key, ContentType: about.contentType }, body, about);
    },

    async createIfAbsent(Key, Body, { contentType: ContentType, signal }) {
      try {
        const put = new PutObjectCommand({ Bucket: bucketOf(Key), Key, Body, ContentType, IfNoneMatch: '*' });
        await client.send(put, signal && { abortSignal: signal });
        return true;
      } catch (error) {
        signal?.throwIfAborted();
        if (statusOf(error) === 412) return false;
        throw translate(error, Key);
      }
    },

    async read(Key: string, range?: ByteRange) {
      const wanted = { Bucket: bucketOf(Key), Key, ...(range && { Range: `bytes=${range.start}-${range.end}` }) };
      const asStorageError = (error: unknown) => translate(error, Key);
      const { Body } = await client.send(new GetObjectCommand(wanted)).catch((error) => {
        throw asStorageError(error);
      });
      if (!(Body instanceof Readable)) throw new StorageError('away', `storage: ${Key}: the store sent no body`);
      return withErrors(Body, asStorageError);
    },

    async stat(key) {
      try {
        const head = await client.send(new HeadObjectCommand({ Bucket: bucketOf(key), Key: key }));
        return { key, bytes: head.ContentLength ?? 0, modifiedAt: head.LastModified ?? new Date(0) };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw translate(error, key);
      }
    },

    async *list(Prefix): AsyncIterable<StoredObject> {
      let ContinuationToken: string | undefined;
      do {
        const wanted = { Bucket: bucketOf(Prefix), Prefix, ...(ContinuationToken && { ContinuationToken }) };
        const page = await client.send(new ListObjectsV2Command(wanted)).catch((error) => {
          throw translate(error, Prefix);
        });
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          if (Key !== undefined) yield { key: Key, bytes: Size ?? 0, modifiedAt: LastModified ?? new Date(0) };
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
    },

    async remove(Key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucketOf(Key), Key })).catch((error) => {
        throw translate(error, Key);
      });
    },

    async signedUrl(Key, expiresIn, ResponseContentDisposition) {
      const wanted = { Bucket: bucketOf(Key), Key, ...(ResponseContentDisposition && { ResponseContentDisposition }) };
      return getSignedUrl(signer, new GetObjectCommand(wanted), { expiresIn });
    },

    async removeUnfinished(before) {
      let removed = 0;
      for (const Bucket of new Set([config.bucket, config.mediaBucket])) {
        for await (const upload of unfinishedUploads(client, Bucket)) {
          if (await abortIfOld(client, upload, before)) removed++;
        }
      }
      return removed;
    },

    async freeBytes() {
      return undefined;
    },

    async check() {
      for (const Bucket of new Set([config.bucket, config.mediaBucket])) {
        await client.send(new HeadBucketCommand({ Bucket })).catch((error) => {
          throw translate(error, `bucket ${Bucket}`);
        });
      }
    },

    close() {
      client.destroy();
      signer.destroy();
    },
  };
}

function connect(config: S3Config, endpoint: string | undefined): S3Client {
  const { accessKeyId, secretAccessKey, sessionToken } = config;
  return new S3Client({
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    region: config.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
    logger: SILENT,
  });
}
