/**
 * What a test needs and not every machine has: `describe('the s3 driver', needs.s3, () => …)`.
 * Where it is missing the tests are skipped, and the end of the run says their names and why.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestOptions } from 'vitest';
import { isSet } from '../../shared/config.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What this test waits for, said when it is skipped. */
    needs?: string;
  }
}

/** Media that nobody may pass on, beside the repository where it exists. */
export const CORPUS = resolve(import.meta.dirname, '../../../shared/corpus');

export const needs = {
  /** Where S3_ENDPOINT is set the tests run, so that a server which does not answer is a failure and no skip. */
  s3: need(
    isSet(process.env, 'S3_ENDPOINT'),
    'an S3 server: set S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY',
  ),
  /** Processes are looked at through /proc, and die with their parent by setpriv. */
  linux: need(process.platform === 'linux', 'Linux'),
  corpus: need(existsSync(CORPUS), 'the test media in ../shared/corpus'),
};

function need(met: boolean, what: string): TestOptions {
  return met ? {} : { skip: true, meta: { needs: what } };
}
