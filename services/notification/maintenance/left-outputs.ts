/** Outputs of attempts that died before they published: no manifest names them. */
import { noteAttemptOver, runOf, storingAttempts } from '../../../shared/ledger/attempts.ts';
import { readUpload, type UploadEntry } from '../../../shared/ledger/read.ts';
import { publishedManifest } from '../../../shared/published-manifest.ts';
import { mediaPrefix } from '../../../shared/storage/keys.ts';
import type { Household } from './household.ts';

export async function removeLeftOutputs({ ledger, storage, log }: Household): Promise<number> {
  let removed = 0;
  for (const attempt of await storingAttempts(ledger)) {
    const upload = await readUpload(ledger, attempt.upload);
    if (upload && isAtIt(upload, attempt.name)) continue;
    if (upload && (await publishedManifest(storage, upload))?.attempt !== attempt.name) {
      const prefix = mediaPrefix(upload.batch, upload.sequence, upload.name);
      for await (const { key } of storage.list(`${prefix}/${attempt.name}/`)) {
        await storage.remove(key);
        removed++;
        log.warn({ batch: upload.batch, upload: upload.id, key }, 'removed an output that no manifest names');
      }
    }
    await noteAttemptOver(ledger, attempt);
  }
  return removed;
}

/** Whether the run that this attempt belongs to still has the upload. */
export const isAtIt = ({ state, run }: UploadEntry, attempt: string) =>
  state === 'processing' && run === runOf(attempt);
