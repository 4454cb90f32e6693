/**
 * Outputs of attempts that died before they published: no manifest names them. Young ones are left alone, because a former
 * run that nobody knows of any more (a partition, a Redis that was wiped) may still publish them.
 */
import { noteAttemptOver, runOf, storingAttempts } from '../../../shared/ledger/attempts.ts';
import { readUpload, type UploadEntry } from '../../../shared/ledger/read.ts';
import { publishedManifest } from '../../../shared/published-manifest.ts';
import { mediaPrefix } from '../../../shared/storage/keys.ts';
import type { StoredObject } from '../../../shared/storage/storage.ts';
import type { Household } from './household.ts';

export async function removeLeftOutputs({ ledger, storage, config, log }: Household): Promise<number> {
  const before = new Date(Date.now() - config.upkeep.unownedAfterMs);
  let removed = 0;
  for (const attempt of await storingAttempts(ledger)) {
    const upload = await readUpload(ledger, attempt.upload);
    if (upload && isAtIt(upload, attempt.name)) continue;
    if (upload && (await publishedManifest(storage, upload))?.attempt !== attempt.name) {
      const prefix = mediaPrefix(upload.batch, upload.sequence, upload.name);
      const outputs: StoredObject[] = [];
      for await (const output of storage.list(`${prefix}/${attempt.name}/`)) outputs.push(output);
      if (!areOld(outputs, before)) continue;
      for (const { key } of outputs) {
        await storage.remove(key);
        removed++;
        log.warn({ batch: upload.batch, upload: upload.id, key }, 'removed an output that no manifest names');
      }
    }
    await noteAttemptOver(ledger, attempt);
  }
  return removed;
}

/** Whether nothing of an attempt is younger. */
export const areOld = (outputs: readonly StoredObject[], before: Date) =>
  outputs.every(({ modifiedAt }) => modifiedAt <= before);

/** Whether the run that this attempt belongs to still has the upload. */
export const isAtIt = ({ state, run }: UploadEntry, attempt: string) =>
  state === 'processing' && run === runOf(attempt);
