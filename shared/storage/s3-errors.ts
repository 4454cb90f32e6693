/** What an S3 server's refusal means for us. Pure. */
import { S3ServiceException } from '@aws-sdk/client-s3';
import { StorageError, type StorageTrouble } from '../errors.ts';

/** @param what the key or bucket that it was about. */
export function translate(error: unknown, what: string): StorageError {
  if (error instanceof StorageError) return error;
  const name = error instanceof Error ? error.name : '';
  const said = error instanceof Error ? error.message || name : String(error);
  return new StorageError(troubleOf(name, said, statusOf(error)), `storage: ${what}: ${said}`, { cause: error });
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/**
 * MinIO's names for a drive that is nearly full (507) and a quota that is (400). A drive that fills while a body comes is
 * InternalError 500 with the kernel's words in its message (seen on a drive of 60 MB).
 */
const NO_SPACE = new Set(['XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded']);
const DRIVE_FULL = 'no space left on device';

/** A body that came too slowly or changed on its way (400), or a busy server: nothing that an operator could change. */
const PASSES = new Set(['RequestTimeout', 'SlowDown', 'TooManyRequests', 'XAmzContentChecksumMismatch']);

function troubleOf(name: string, said: string, status: number | undefined): StorageTrouble {
  if (status === 507 || NO_SPACE.has(name) || said.includes(DRIVE_FULL)) return 'no-space';
  if (status === undefined || status >= 500 || status === 408 || status === 429 || PASSES.has(name)) return 'away';
  // A bucket that is gone is no object that is gone: the operator has to look.
  if (status === 404) return name === 'NoSuchBucket' ? 'refused' : 'not-found';
  return 'refused';
}
