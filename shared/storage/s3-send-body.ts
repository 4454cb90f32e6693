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

export interface BodyAbout {
  /** Bytes, where it is known beforehand; a body of another length is refused. */
  readonly bytes?: number;
  /** Bytes; decides how large the parts must be for a body of unknown length to fit into 10,000 of them. */
  readonly atMost?: number;
  readonly signal?: AbortSignal | undefined;
}

/** @throws StorageError, what the body's own source threw, or the signal's reason; then no object is left. */
export async function sendBody(client: S3Client, target: S3Target, body: Readable, about: BodyAbout): Promise<void> {
  const measured = new Measured(target.Key, about.bytes);
  const { bytes, signal } = about;
  try {
    const stored =
      bytes !== undefined && bytes <= MAX_SINGLE_PUT
        ? await sendWhole(client, target, body, { bytes, signal }, measured)
        : await sendInParts(client, target, body, about, measured);
    await compare(client, target, measured, stored);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function sendWhole(
  client: S3Client,
  target: S3Target,
  body: Readable,
  { bytes: ContentLength, signal }: { readonly bytes: number; readonly signal: AbortSignal | undefined },
  measured: Measured,
) {
  // An error of the body inside the SDK is an uncaught exception (its chunked encoder re-emits it where nobody listens),
  // so the SDK reads from an outlet that never fails: it just ends, or the request is given up.
  const outlet = new PassThrough({ highWaterMark: MiB });
  const giveUp = new AbortController();
  const put = new PutObjectCommand({ ...target, ContentLength, ChecksumAlgorithm: 'CRC32', Body: outlet });
  let failed: { readonly error: unknown } | undefined;
  const [stored] = await Promise.all([
    client
      .send(put, { abortSignal: signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal })
      .catch((error) => {
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
  { bytes, atMost, signal }: BodyAbout,
  measured: Measured,
) {
  const partBytes = Math.max(MIN_PART, Math.ceil((bytes ?? atMost ?? 0) / MAX_PARTS));
  try {
    return await sendParts(
      client,
      target,
      measured.through(signal ? addAbortSignal(signal, body) : body),
      partBytes,
      signal,
    );
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
