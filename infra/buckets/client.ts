/** The `minio` client for a store's settings: it sets up buckets, which the services' own S3 driver cannot. */
import { Client } from 'minio';
import type { StorageConfig } from '../../shared/config.ts';

export type S3Config = Extract<StorageConfig, { driver: 's3' }>;

const AWS = 'https://s3.amazonaws.com';

export function bucketClient(config: S3Config): Client {
  const endpoint = new URL(config.endpoint ?? AWS);
  const useSSL = endpoint.protocol === 'https:';
  return new Client({
    endPoint: endpoint.hostname,
    port: Number(endpoint.port) || (useSSL ? 443 : 80),
    useSSL,
    region: config.region,
    accessKey: config.accessKeyId,
    secretKey: config.secretAccessKey,
    ...(config.sessionToken !== undefined && { sessionToken: config.sessionToken }),
    // As the services address them: a name below the endpoint's where that is not AWS.
    pathStyle: config.endpoint !== undefined,
  });
}
