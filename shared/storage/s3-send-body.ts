/** Streams a body into S3: whole and unchanged, or not at all. */
import { once } from 'node:events';
import { addAbortSignal, PassThrough, type Readable } from 'node:stream';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { StorageError } from '../errors.ts';
import { Measured } from './measured.ts';
import { translate } from './s3-errors.ts';
import { sendParts } from './s3-multipart.ts';

const MiB = 1024 ** 2;

/** S3 takes no larger body in one PutObject, and no smaller part but the last, and no more parts (user guide, "limits"). */
const MAX_SINGLE_PUT = 5 * 1024 * MiB;
const MIN_PART = 5 * MiB;
const MAX_PARTS = 10_000;

export interface S3Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
}

export interface BodyLength {
  /** Bytes, where it is known beforehand; a body of another length is refused. */
  readonly bytes?: number;
  /** Bytes; decides how large the parts must be for a body of unknown length to fit into 10,000 of them. */
  readonly atMost?: number;
}

/** @throws StorageError, or what the body's own source threw; then no object is left. */
export async function sendBody(client: S3Client, target: S3Target, body: Readable, length: BodyLength): Promise<void> {
  const measured = new Measured(target.Key, length.bytes);
  const { bytes } = length;
  const stored =
    bytes !== undefined && bytes <= MAX_SINGLE_PUT
      ? await sendWhole(client, target, body, bytes, measured)
      : await sendInParts(client, target, body, length, measured);
  await compare(client, target, measured, stored);
}

async function sendWhole(
  client: S3Client,
  target: S3Target,
  body: Readable,
  ContentLength: number,
  measured: Measured,
) {
  // An error of the body inside the SDK is an uncaught exception (its chunked encoder re-emits it where nobody listens),
  // so the SDK reads from an outlet that never fails: it just ends, or the request is given up.
  const outlet = new PassThrough({ highWaterMark: MiB });
  const giveUp = new AbortController();
  const put = new PutObjectCommand({ ...target, ContentLength, ChecksumAlgorithm: 'CRC32', Body: outlet });
  let failed: { readonly error: unknown } | undefined;
  const [stored] = await Promise.all([
    client.send(put, { abortSignal: giveUp.signal }).catch((error) => {
      failed ??= { error: translate(error, target.Key) };
      giveUp.abort();
      return undefined;
    }),
    feed(measured.through(addAbortSignal(giveUp.signal, body)), outlet, giveUp.signal).catch((error) => {
      failed ??= { error };
      giveUp.abort();
      outlet.destroy();
    }),
  ]);
  if (failed) throw failed.error;
  return stored?.ChecksumCRC32;
}

/** Copies the body into the outlet as fast as that is read, and ends it only if the body was whole. */
async function feed(body: AsyncIterable<Buffer>, outlet: PassThrough, signal: AbortSignal): Promise<void> {
  for await (const chunk of body) {
    if (!outlet.write(chunk)) await once(outlet, 'drain', { signal });
  }
  outlet.end();
}

async function sendInParts(
  client: S3Client,
  target: S3Target,
  body: Readable,
  { bytes, atMost }: BodyLength,
  measured: Measured,
) {
  const partBytes = Math.max(MIN_PART, Math.ceil((bytes ?? atMost ?? 0) / MAX_PARTS));
  try {
    return await sendParts(client, target, measured.through(body), partBytes);
  } catch (error) {
    throw measured.broken ? error : translate(error, target.Key);
  }
}

/** @throws StorageError `away` when the server stored something else than was sent; that is removed. */
async function compare(client: S3Client, { Bucket, Key }: S3Target, sent: Measured, stored: string | undefined) {
  if (stored === sent.crc32) return;
  await client.send(new DeleteObjectCommand({ Bucket, Key })).catch((error) => {
    throw translate(error, Key);
  });
  const found = stored === undefined ? 'gave no checksum of it' : `stored something else: CRC-32 ${stored}`;
  throw new StorageError('away', `storage: ${Key}: the server was sent CRC-32 ${sent.crc32} and ${found}`);
}
