/** One line for the person who wrote the settings. What each server really sends is tried in integration/buckets.test.ts. */
import { InvalidBucketNameError, S3Error } from 'minio';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../infra/buckets/diagnosis.ts';
import { withoutPublicStatements } from '../../infra/buckets/public-policy.ts';

const config = {
  driver: 's3',
  endpoint: 'http://minio:9000',
  region: 'us-east-1',
  bucket: 'courses',
  mediaBucket: 'courses',
  accessKeyId: 'upload-service',
  secretAccessKey: 'not to be shown',
} as const;

const refusal = (code: string, more: object = {}) => Object.assign(new S3Error(`said ${code}`), { code, ...more });
const line = (error: Error) => diagnose(error, 'courses', 'create it', config);

describe('a refusal while buckets are prepared', () => {
  it.each([
    [refusal('InvalidAccessKeyId'), 'S3_ACCESS_KEY_ID: http://minio:9000 does not know this key'],
    [refusal('SignatureDoesNotMatch'), /^S3_SECRET_ACCESS_KEY: /],
    [refusal('AccessDenied'), 'bucket courses: key upload-service may not create it, says http://minio:9000'],
    [refusal('BucketAlreadyExists'), /^bucket courses: somebody else/],
    [
      refusal('AuthorizationHeaderMalformed', { amzBucketRegion: 'eu-west-1' }),
      'S3_REGION: bucket courses is in eu-west-1, the setting says us-east-1',
    ],
    [refusal('Surprise'), 'bucket courses: could not create it: said Surprise'],
    [new InvalidBucketNameError('Invalid bucket name: courses'), /^bucket courses: not a name/],
  ])('%s is a setting to change', (error, message) => {
    expect(line(error)).toMatchObject({ name: 'Misconfigured', message: expect.stringMatching(message) });
    expect(line(error).message).not.toMatch(/\n|not to be shown/);
  });

  it.each([refusal('ServiceUnavailable'), new Error('connect ECONNREFUSED 127.0.0.1:9000')])(
    '%s is a server to wait for',
    (error) => {
      expect(line(error)).toMatchObject({ name: 'StorageError', trouble: 'away' });
      expect(line(error).message).toContain('http://minio:9000');
    },
  );
});

describe('a bucket policy', () => {
  const allow = (principal: unknown, more: object = {}) => ({
    Effect: 'Allow',
    Principal: principal,
    Action: ['s3:GetObject'],
    Resource: ['arn:aws:s3:::courses/*'],
    ...more,
  });
  const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

  it.each([['*'], [{ AWS: '*' }], [{ AWS: ['*'] }]])('that lets %j in loses that statement', (anybody) => {
    expect(withoutPublicStatements(policy(allow(anybody)))).toBe('');
    const colleague = allow({ AWS: 'arn:aws:iam::123456789012:root' });
    const left = withoutPublicStatements(policy(colleague, allow(anybody))) ?? '';
    expect(JSON.parse(left)).toEqual(JSON.parse(policy(colleague)));
  });

  it.each([
    ['one account', allow({ AWS: 'arn:aws:iam::123456789012:root' })],
    ['one network', allow('*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
    ['nobody', { ...allow('*'), Effect: 'Deny' }],
  ])('for %s stays as it is', (_who, statement) => {
    expect(withoutPublicStatements(policy(statement))).toBeUndefined();
  });
});
