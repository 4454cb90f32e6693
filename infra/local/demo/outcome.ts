/** What came of the batch: read from the API's last answer, the store and the caught mails. */
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { StorageConfig } from '../../../shared/config.ts';
import { manifest } from '../../../shared/manifest.ts';
import { manifestKey, mediaPrefix } from '../../../shared/storage/keys.ts';
import { openStorage } from '../../../shared/storage/open.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import type { Stack } from '../stack.ts';
import { type CaughtMail, caughtMails } from './caught-mails.ts';
import type { SentBatch } from './send-batch.ts';
import type { UploadView, VariantView } from './views.ts';

export interface Outcome {
  readonly ready: readonly ReadyFile[];
  readonly lost: readonly LostFile[];
  readonly mails: readonly CaughtMail[];
}

export interface ReadyFile {
  readonly name: string;
  readonly warning: string | undefined;
  /** With absolute URLs. */
  readonly variants: readonly VariantView[];
  /** Where its manifest lies. */
  readonly manifest: string;
  /** Where the variants lie. */
  readonly files: readonly string[];
}

/** A file that became nothing: refused at the door, or failed in the booth. */
export interface LostFile {
  readonly name: string;
  readonly how: 'refused' | 'failed';
  readonly reason: string;
}

export async function gather(
  sent: SentBatch,
  { url, config, mail }: Pick<Stack, 'url' | 'config' | 'mail'>,
): Promise<Outcome> {
  const storage = await openStorage(config.storage);
  try {
    const ready = sent.uploads.filter((upload) => upload.state === 'ready');
    const failed = sent.uploads.filter((upload) => upload.state !== 'ready');
    return {
      ready: await Promise.all(ready.map((upload) => readyFile(sent.id, upload, url, storage, config.storage))),
      lost: [
        ...sent.refused.map((file): LostFile => ({ ...file, how: 'refused' })),
        ...failed.map(({ name, reason = 'no reason was given' }): LostFile => ({ name, how: 'failed', reason })),
      ],
      mails: mail ? await caughtMails(mail.directory, sent.id) : [],
    };
  } finally {
    storage.close();
  }
}

async function readyFile(
  batch: string,
  { sequence, name, warning, variants }: UploadView,
  url: string,
  storage: Storage,
  config: StorageConfig,
): Promise<ReadyFile> {
  const key = manifestKey(mediaPrefix(batch, sequence, name));
  const stored = manifest.parse(JSON.parse(await text(await storage.read(key))));
  return {
    name,
    warning,
    variants: variants.map((variant) => ({ ...variant, url: new URL(variant.url, url).href })),
    manifest: placeOf(key, config),
    files: stored.variants.map((variant) => placeOf(variant.key, config)),
  };
}

/** How a person finds an object: a path on this machine's disk, or the address that S3 tools take. */
function placeOf(key: string, config: StorageConfig): string {
  return config.driver === 'disk' ? join(config.directory, key) : `s3://${config.mediaBucket}/${key}`;
}
