/** What an S3 server says, in the house's words. Names and statuses are those that MinIO and AWS send. */
import { S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../shared/errors.ts';
import { translate } from '../../shared/storage/s3-errors.ts';

const refusal = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, message: `said ${name}`, $fault: 'client', $metadata: { httpStatusCode } });

describe('an error of the S3 server', () => {
  it.each([
    ['ServiceUnavailable', 503, 'away'],
    ['InternalError', 500, 'away'],
    ['SlowDown', 503, 'away'],
    ['TooManyRequests', 429, 'away'],
    ['RequestTimeout', 400, 'away'],
    ['XMinioStorageFull', 507, 'no-space'],
    ['XMinioAdminBucketQuotaExceeded', 400, 'no-space'],
    ['NoSuchKey', 404, 'not-found'],
    ['NotFound', 404, 'not-found'],
    ['NoSuchBucket', 404, 'refused'],
    ['AccessDenied', 403, 'refused'],
    ['InvalidAccessKeyId', 403, 'refused'],
    ['SignatureDoesNotMatch', 403, 'refused'],
    ['PermanentRedirect', 301, 'refused'],
    ['EntityTooLarge', 400, 'refused'],
    ['XAmzContentChecksumMismatch', 400, 'away'],
  ])('%s with %i is %s', (name, status, trouble) => {
    const translated = translate(refusal(name, status), 'media/x');
    expect(translated).toMatchObject({ trouble, message: `storage: media/x: said ${name}` });
    expect(translated.cause).toBeInstanceOf(S3ServiceException);
  });

  it('InternalError is no space where the drive of MinIO has filled up', () => {
    const message = 'We encountered an internal error, please try again.: cause(no space left on device)';
    const error = Object.assign(refusal('InternalError', 500), { message });
    expect(translate(error, 'media/x')).toMatchObject({ trouble: 'no-space' });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND'])('%s on the way there is away', (code) => {
    const error = Object.assign(new Error(`connect ${code}`), { code });
    expect(translate(error, 'bucket courses')).toMatchObject({
      trouble: 'away',
      message: `storage: bucket courses: connect ${code}`,
    });
  });

  it('that is one of ours already stays as it is', () => {
    const ours = new StorageError('no-space', 'full');
    expect(translate(ours, 'x')).toBe(ours);
  });
});
