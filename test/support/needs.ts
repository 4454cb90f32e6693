/**
 * What a test needs and not every machine has: `describe('the s3 driver', needs.s3, () => …)`.
 * Where it is missing the tests are skipped, and the end of the run says their names and why.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { inject, type TestOptions } from 'vitest';
import { onPath } from '../../infra/install/on-path.mjs';
import { runTool } from '../../shared/run-tool.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What this test waits for, said when it is skipped. */
    needs?: string;
  }
}

/** Media that nobody may pass on, beside the repository where it exists. */
export const CORPUS = resolve(import.meta.dirname, '../../../shared/corpus');

/** Path of the browser, if there is one. */
export const CHROMIUM = onPath('chromium') ?? onPath('google-chrome');

const servers = inject('servers');
const whyNoS3 = servers && 'none' in servers.minio ? servers.minio.none : undefined;
const kept = inject('composeHouse');
const whyNoCompose = kept && 'none' in kept ? kept.none : undefined;

const encoders = await runTool('ffmpeg', ['-hide_banner', '-encoders'], { timeoutMs: 10_000 });

export const needs = {
  /** The MinIO of the run: a container, or a process. */
  s3: need(servers !== undefined && whyNoS3 === undefined, `an S3 server. ${whyNoS3}`),
  /** A MinIO that the embedded stack can start, also where the tests use a container. */
  minioProgram: need(servers?.hasMinioProgram === true, 'a minio program: `npm start -- --minio` builds one'),
  /** The house in containers that test/compose/ brings up. */
  compose: need(kept !== undefined && whyNoCompose === undefined, `docker compose. ${whyNoCompose}`),
  /** Processes are looked at through /proc, and die with their parent by setpriv. */
  linux: need(process.platform === 'linux', 'Linux'),
  av1: need(/ libsvtav1 /.test(encoders) && / libx265 /.test(encoders), 'an ffmpeg that encodes AV1 and HEVC'),
  chromium: need(CHROMIUM !== undefined, 'a Chromium on the PATH (Debian: apt install chromium)'),
  corpus: need(existsSync(CORPUS), 'the test media in ../shared/corpus'),
};

function need(met: boolean, what: string): TestOptions {
  return met ? {} : { skip: true, meta: { needs: what } };
}
