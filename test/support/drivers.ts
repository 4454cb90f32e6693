/** The storage drivers, for what is tried on each: `describe.each(drivers)('… on $driver', ({ driver, need }) => …)`. */
import type { TestOptions } from 'vitest';
import { makeBuckets } from './buckets.ts';
import { needs } from './needs.ts';

export type Driver = 'disk' | 's3';

export const drivers: readonly { readonly driver: Driver; readonly need: TestOptions }[] = [
  { driver: 'disk', need: {} },
  { driver: 's3', need: needs.s3 },
];

export interface TestStore extends AsyncDisposable {
  /** The settings that name it; the disk store lies in DATA_DIR. */
  readonly env: Readonly<Record<string, string>>;
}

export async function makeStore(driver: Driver): Promise<TestStore> {
  return driver === 's3' ? makeBuckets() : { env: {}, [Symbol.asyncDispose]: async () => {} };
}
