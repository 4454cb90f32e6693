/** Settings: what is taken, what is refused with one line each. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { Misconfigured } from '../../shared/errors.ts';

describe('readConfig', () => {
  it('needs nothing to be set', () => {
    expect(readConfig({})).toMatchObject({
      port: 0,
      host: '127.0.0.1',
      dataDir: resolve('data'),
      workDir: resolve('data/work'),
      redisUrl: 'redis://127.0.0.1:6379',
      storage: { driver: 'disk', directory: resolve('data/storage') },
      transcodeConcurrency: 1,
      maxFileBytes: 10 * 1024 ** 3,
    });
  });

  it('counts an empty value as not set', () => {
    expect(readConfig({ PORT: '', S3_ENDPOINT: '', OPERATOR_EMAIL: '' }).port).toBe(0);
  });

  it.each([
    ['PORT', 'abc'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['TRANSCODE_CONCURRENCY', '0'],
    ['MAX_FILE_BYTES', '99999999999999999999'],
    ['STORAGE', 'tape'],
    ['REDIS_URL', 'localhost:6379'],
    ['SMTP_URL', 'http://localhost'],
    ['OPERATOR_EMAIL', 'nobody'],
    ['PUBLIC_URL', 'media.example.org'],
    ['LOG_LEVEL', 'loud'],
    ['WORKER_NAME', 'a b'],
  ])('refuses %s=%s in one line that names both', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(Misconfigured);
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name}: expected .*, got "${value}"$`));
  });

  it('gives a line to each wrong setting', () => {
    expect(() => readConfig({ PORT: 'x', STORAGE: 'x' })).toThrow(/^PORT: .*\nSTORAGE: .*$/);
  });

  it('takes the limits themselves', () => {
    expect(readConfig({ PORT: '65535', TRANSCODE_CONCURRENCY: '1000', MAX_BATCH_FILES: '1' })).toMatchObject({
      port: 65_535,
      transcodeConcurrency: 1000,
      maxBatchFiles: 1,
    });
  });

  it('wants a bucket and its keys for S3, and shows no secret', () => {
    expect(() => readConfig({ STORAGE: 's3' })).toThrow(
      'S3_BUCKET: required when STORAGE=s3\nS3_ACCESS_KEY_ID: required when STORAGE=s3\nS3_SECRET_ACCESS_KEY: required when STORAGE=s3',
    );
    const s3 = { STORAGE: 's3', S3_BUCKET: 'media', S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'secret' };
    expect(readConfig(s3).storage).toEqual({
      driver: 's3',
      region: 'us-east-1',
      bucket: 'media',
      mediaBucket: 'media',
      accessKeyId: 'id',
      secretAccessKey: 'secret',
    });
    expect(readConfig({ ...s3, S3_ENDPOINT: 'http://minio:9000' }).storage).toMatchObject({
      endpoint: 'http://minio:9000',
    });
  });

  it('makes links from PUBLIC_URL without a slash at the end', () => {
    expect(readConfig({ PUBLIC_URL: 'https://media.example.org/' }).publicUrl).toBe('https://media.example.org');
  });
});
