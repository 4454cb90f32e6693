/**
 * The buckets and their rules: there, private, and rid of what uploads that were cut off leave. Repeating it changes nothing.
 * No rule expires originals: a bucket counts days from the upload, and a file may wait longer than that for its render.
 */
import { type Client, type LifecycleRule, S3Error } from 'minio';
import { inTime } from '../../shared/in-time.ts';
import { openS3Storage } from '../../shared/storage/s3.ts';
import { bucketClient, type S3Config } from './client.ts';
import { diagnose } from './diagnosis.ts';
import { withoutPublicStatements } from './public-policy.ts';
import { tryRights } from './try-rights.ts';

/** The client has no limit of its own. */
const ANSWER_WITHIN_MS = 15_000;

/** Parts of an upload that was cut off are kept, and paid for, until somebody aborts it. */
const ABORT_AFTER_DAYS = 1;

const ABORT_RULE = {
  ID: 'projectionist-abort-incomplete-uploads',
  Status: 'Enabled',
  Filter: { Prefix: '' },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: ABORT_AFTER_DAYS },
};

/**
 * @returns one line for each thing that was changed, or that a person may want to change.
 * @throws Misconfigured (no such key, no rights, wrong region, …) or StorageError `away`, each in one line.
 */
export async function prepareBuckets(config: S3Config): Promise<readonly string[]> {
  const client = bucketClient(config);
  const silent = () => new Error(`no answer for ${ANSWER_WITHIN_MS / 1000} s`);
  const lines: string[] = [];
  for (const bucket of new Set([config.bucket, config.mediaBucket])) {
    /** Does one thing with this bucket; `what` completes "may not …" where the server refuses. */
    const attempt: Attempt = (what, act) =>
      inTime(act(), ANSWER_WITHIN_MS, silent).catch((error: unknown) => {
        throw diagnose(error, bucket, what, config);
      });
    const said = [
      await makeBucket(client, bucket, config.region, attempt),
      await keepPrivate(client, bucket, attempt),
      await abortIncompleteUploads(client, bucket, attempt),
    ];
    lines.push(...said.flatMap((line) => (line === undefined ? [] : [`bucket ${bucket}: ${line}`])));
  }
  const storage = openS3Storage(config);
  try {
    await tryRights(storage, config);
  } finally {
    storage.close();
  }
  return lines;
}

type Attempt = <T>(what: string, act: () => Promise<T>) => Promise<T>;

async function makeBucket(client: Client, bucket: string, region: string, attempt: Attempt) {
  if (await attempt('list it (s3:ListBucket)', () => isThere(client, bucket))) return undefined;
  return attempt('create it (it is not there)', async () => {
    try {
      await client.makeBucket(bucket, region);
      return 'created';
    } catch (error) {
      // Somebody was faster.
      if (codeOf(error) === 'BucketAlreadyOwnedByYou') return undefined;
      throw error;
    }
  });
}

/** Not `bucketExists`: that asks by HEAD, whose answer has no body to say why it was refused. */
async function isThere(client: Client, bucket: string): Promise<boolean> {
  try {
    for await (const _first of client.listObjectsV2(bucket)) break;
    return true;
  } catch (error) {
    if (codeOf(error) === 'NoSuchBucket') return false;
    throw error;
  }
}

/** Keys that may use the bucket need not be allowed to see its rules: then the operator is told, and it goes on. */
async function keepPrivate(client: Client, bucket: string, attempt: Attempt) {
  return attempt('see and set its policy', async () => {
    try {
      const privatePolicy = withoutPublicStatements(await client.getBucketPolicy(bucket));
      if (privatePolicy === undefined) return undefined;
      await client.setBucketPolicy(bucket, privatePolicy);
      return 'strangers could use it; made private';
    } catch (error) {
      if (codeOf(error) === 'NoSuchBucketPolicy') return undefined;
      if (codeOf(error) === 'AccessDenied') return 'these keys may not see its policy; make sure that it is private';
      throw error;
    }
  });
}

async function abortIncompleteUploads(client: Client, bucket: string, attempt: Attempt) {
  return attempt('see and set its lifecycle rules', async () => {
    try {
      const rules = await lifecycleRules(client, bucket);
      if (rules.some((rule) => rule.AbortIncompleteMultipartUpload !== undefined)) return undefined;
      // The client does not give rules back exactly as they were, so somebody else's are left alone.
      if (rules.length > 0) return 'has lifecycle rules, but none that aborts incomplete uploads; please add one';
      await client.setBucketLifecycle(bucket, { Rule: [ABORT_RULE] });
      return `incomplete uploads are aborted after ${ABORT_AFTER_DAYS} day`;
    } catch (error) {
      // MinIO takes no such rule (its lifecycle/rule.go has none) and has a setting of its own instead.
      if (takesNoSuchRule(error)) return undefined;
      if (codeOf(error) === 'AccessDenied') {
        return 'these keys may not see its lifecycle rules; make sure that one aborts incomplete uploads';
      }
      throw error;
    }
  });
}

async function lifecycleRules(client: Client, bucket: string): Promise<readonly LifecycleRule[]> {
  try {
    const found = await client.getBucketLifecycle(bucket);
    // A single rule comes as an object, whatever the type says.
    return found ? [found.Rule].flat() : [];
  } catch (error) {
    if (codeOf(error) === 'NoSuchLifecycleConfiguration') return [];
    throw error;
  }
}

function takesNoSuchRule(error: unknown): boolean {
  return ['InvalidArgument', 'MalformedXML', 'NotImplemented'].includes(codeOf(error) ?? '');
}

const codeOf = (error: unknown) => (error instanceof S3Error ? error.code : undefined);
