/** `node infra/buckets/main.ts`: sets up the buckets that the services' settings name, says what it did, and ends. */
import { readConfig } from '../../shared/config.ts';
import { Misconfigured, StorageError } from '../../shared/errors.ts';
import { EXIT_MISCONFIGURED } from '../../shared/service.ts';
import { prepareBuckets } from './prepare-buckets.ts';

try {
  const { storage } = readConfig(process.env);
  if (storage.driver !== 's3') throw new Misconfigured('STORAGE: there are no buckets without STORAGE=s3');
  for (const line of await prepareBuckets(storage)) console.log(line);
  console.log('the buckets are ready');
} catch (error) {
  if (!(error instanceof Misconfigured) && !(error instanceof StorageError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof Misconfigured ? EXIT_MISCONFIGURED : 1;
}
