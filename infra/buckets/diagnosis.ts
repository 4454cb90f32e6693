/** What a refusal of the S3 server means for the person who wrote the settings: one line that says what to change. Pure. */
import { InvalidBucketNameError, S3Error } from 'minio';
import { Misconfigured, StorageError } from '../../shared/errors.ts';
import type { S3Config } from './client.ts';

/**
 * @param attempted what could not be done, as in "may not <attempted>".
 * @returns Misconfigured where the settings or rights have to change, StorageError `away` where waiting may help.
 */
export function diagnose(error: unknown, bucket: string, attempted: string, config: S3Config): Error {
  const server = config.endpoint ?? 'AWS';
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidBucketNameError) return new Misconfigured(`bucket ${bucket}: not a name that S3 allows`);
  if (!(error instanceof S3Error)) {
    return new StorageError('away', `S3_ENDPOINT: ${server} does not answer: ${said}`, { cause: error });
  }

  const { amzBucketRegion: region } = error as S3Error & { readonly amzBucketRegion?: string };
  if (region && region !== config.region) {
    return new Misconfigured(`S3_REGION: bucket ${bucket} is in ${region}, the setting says ${config.region}`);
  }
  switch (error.code) {
    case 'InvalidAccessKeyId':
      return new Misconfigured(`S3_ACCESS_KEY_ID: ${server} does not know this key`);
    case 'SignatureDoesNotMatch':
      return new Misconfigured(`S3_SECRET_ACCESS_KEY: it does not belong to this S3_ACCESS_KEY_ID, says ${server}`);
    case 'AccessDenied':
    case 'AllAccessDisabled':
      return new Misconfigured(`bucket ${bucket}: key ${config.accessKeyId} may not ${attempted}, says ${server}`);
    case 'BucketAlreadyExists':
      return new Misconfigured(`bucket ${bucket}: somebody else has a bucket of this name; choose another`);
    case 'SlowDown':
    case 'ServiceUnavailable':
    case 'InternalError':
      return new StorageError('away', `bucket ${bucket}: ${server} cannot answer now: ${said}`, { cause: error });
    default:
      return new Misconfigured(`bucket ${bucket}: could not ${attempted}: ${said} (${error.code})`);
  }
}
