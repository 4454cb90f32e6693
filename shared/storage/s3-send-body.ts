/** Streams a body into S3: whole and unchanged, or not at all. */
import { once } from 'node:events';
import { addAbortSignal, PassThrough, type Readable } from 'node:stream';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { StorageError } from '../errors.ts';
import { Measured } from './measured.ts';
import { translate } from './s3-errors.ts';

const MiB = 1024 ** 2;

/** S3 takes no larger body in one PutObject (S3 user guide, "Uploading objects"). */
const MAX_SINGLE_PUT = 5 * 1024 * MiB;

/** 10,000 parts of this size are the largest object a body of unknown length may become: 78 GiB. */
const PART_BYTES = 8 * MiB;
const MAX_PARTS = 10_000;

/** Parts sent at once for one body; each is held in memory, and so is the one that fills. */
const PARTS_AT_ONCE = 1;

interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
}

/**
 * @param announced length of the body in bytes, where it is known; a body of another length is refused.
 * @throws StorageError, or what the body's own source threw; then no object is left.
 */
export async function sendBody(
  client: S3Client,
  target: Target,
  body: Readable,
  announced: number | undefined,
): Promise<void> {
  // An error of the body inside the SDK is an uncaught exception (its chunked encoder re-emits it where nobody listens),
  // so the SDK reads from an outlet that never fails: it just ends, or the request is given up.
  const outlet = new PassThrough({ highWaterMark: MiB });
  const measured = new Measured();
  const giveUp = new AbortController();
  const stored = put(client, { ...target, Body: outlet }, announced, giveUp);
  let failed: { readonly error: unknown } | undefined;
  const [returned] = await Promise.all([
    stored.catch((error) => {
      failed ??= { error: translate(error, target.Key) };
      giveUp.abort();
      return undefined;
    }),
    feed(body, outlet, measured, target.Key, announced, giveUp.signal).catch((error) => {
      failed ??= { error };
      giveUp.abort();
      outlet.destroy();
    }),
  ]);
  if (failed) throw failed.error;
  await compare(client, target, measured, returned);
}

/** @returns the CRC-32 of what was stored, as the server computed it. */
async function put(
  client: S3Client,
  object: Target & { readonly Body: Readable },
  announced: number | undefined,
  giveUp: AbortController,
): Promise<string | undefined> {
  const checked = { ...object, ChecksumAlgorithm: 'CRC32' } as const;
  if (announced !== undefined && announced <= MAX_SINGLE_PUT) {
    const single = new PutObjectCommand({ ...checked, ContentLength: announced });
    return (await client.send(single, { abortSignal: giveUp.signal })).ChecksumCRC32;
  }
  const upload = new Upload({
    client,
    params: { ...checked, ChecksumType: 'FULL_OBJECT' as const },
    abortController: giveUp,
    partSize: Math.max(PART_BYTES, Math.ceil((announced ?? 0) / MAX_PARTS)),
    queueSize: PARTS_AT_ONCE,
  });
  return (await upload.done()).ChecksumCRC32;
}

/** Copies the body into the outlet as fast as that is read, and ends it only if the body was whole. */
async function feed(
  body: Readable,
  outlet: PassThrough,
  measured: Measured,
  key: string,
  announced: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const wrongLength = () =>
    new StorageError('refused', `storage: ${key}: ${announced} bytes were announced, ${measured.bytes} came`);
  for await (const piece of addAbortSignal(signal, body) as AsyncIterable<Buffer | string>) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    measured.add(chunk);
    if (announced !== undefined && measured.bytes > announced) throw wrongLength();
    if (!outlet.write(chunk)) await once(outlet, 'drain', { signal });
  }
  if (announced !== undefined && measured.bytes !== announced) throw wrongLength();
  outlet.end();
}

/** @throws StorageError `away` when the server stored something else than was sent; that is removed. */
async function compare(
  client: S3Client,
  { Bucket, Key }: Target,
  sent: Measured,
  stored: string | undefined,
): Promise<void> {
  if (stored === sent.crc32) return;
  await client.send(new DeleteObjectCommand({ Bucket, Key })).catch((error) => {
    throw translate(error, Key);
  });
  const found = stored === undefined ? 'gave no checksum of it' : `stored something else: CRC-32 ${stored}`;
  throw new StorageError('away', `storage: ${Key}: the server was sent CRC-32 ${sent.crc32} and ${found}`);
}
