/**
 * Outputs of attempts that died before they published: no manifest names them. Young ones are left alone, because a former
 * run that nobody knows of any more (a partition, a Redis that was wiped) may still publish them.
 */
import { noteAttemptOver, runOf, type StoringAttempt, storingAttempts } from '../../../shared/ledger/attempts.ts';
import { readUpload, type UploadEntry } from '../../../shared/ledger/read.ts';
import { oneByOne } from '../../../shared/one-by-one.ts';
import { publishedManifest } from '../../../shared/published-manifest.ts';
import { mediaPrefix } from '../../../shared/storage/keys.ts';
import type { StoredObject } from '../../../shared/storage/storage.ts';
import type { Household } from './household.ts';

export async function removeLeftOutputs(household: Household): Promise<number> {
  const { ledger, config, log } = household;
  const before = new Date(Date.now() - config.upkeep.unownedAfterMs);
  let removed = 0;
  for (const attempt of await storingAttempts(ledger)) {
    const about = { upload: attempt.upload, attempt: attempt.name };
    removed += (await oneByOne(log, about, () => removeLeftOf(household, attempt, before))) ?? 0;
  }
  return removed;
}

async function removeLeftOf({ ledger, storage, log }: Household, attempt: StoringAttempt, before: Date) {
  const upload = await readUpload(ledger, attempt.upload);
  if (upload && isAtIt(upload, attempt.name)) return 0;
  let removed = 0;
  if (upload && (await publishedManifest(storage, upload))?.attempt !== attempt.name) {
    const prefix = mediaPrefix(upload.batch, upload.sequence, upload.name);
    const outputs: StoredObject[] = [];
    for await (const output of storage.list(`${prefix}/${attempt.name}/`)) outputs.push(output);
    if (!areOld(outputs, before)) return 0;
    for (const { key } of outputs) {
      await storage.remove(key);
      removed++;
      log.warn({ batch: upload.batch, upload: upload.id, key }, 'removed an output that no manifest names');
    }
  }
  await noteAttemptOver(ledger, attempt);
  return removed;
}

/** Whether nothing of an attempt is younger. */
export const areOld = (outputs: readonly StoredObject[], before: Date) =>
  outputs.every(({ modifiedAt }) => modifiedAt <= before);

/** Whether the run that this attempt belongs to still has the upload. */
export const isAtIt = ({ state, run }: UploadEntry, attempt: string) =>
  state === 'processing' && run === runOf(attempt);
