/** Clearing away what is over: abandoned batches are sealed or removed, old ones forgotten. */

import { keepRecord } from '../../../shared/keep-record.ts';
import { abandonedBatches, removeEmptyBatch } from '../../../shared/ledger/abandoned.ts';
import { finishedBatchesBefore, forgetBatch } from '../../../shared/ledger/forget.ts';
import { isBeingReceived } from '../../../shared/ledger/receiving.ts';
import { sealBatch } from '../../../shared/ledger/seal.ts';
import { announceFinished } from '../../../shared/queues.ts';
import type { Household } from './household.ts';

export async function cleanUp(household: Household): Promise<void> {
  await closeAbandoned(household);
  await forgetOld(household);
}

/** A batch in which nothing happened for long: its instructor has forgotten to seal it. */
async function closeAbandoned({ ledger, storage, notification, config, log }: Household): Promise<void> {
  for (const batch of await abandonedBatches(ledger, config.upkeep.sealAbandonedMs)) {
    if (await isBeingReceived(ledger, batch)) continue;
    const sealing = await sealBatch(ledger, batch);
    if (sealing === 'empty') {
      // The ledger first: it alone knows whether an upload has come meanwhile, which needs the batch's record.
      if (!(await removeEmptyBatch(ledger, batch))) continue;
      await removeAll({ storage }, `records/${batch}/`);
      log.info({ batch }, 'removed an empty batch that was abandoned');
      continue;
    }
    log.info({ batch }, 'sealed a batch that was abandoned');
    await keepRecord({ ledger, storage }, { kind: 'sealed', id: batch });
    if (sealing === 'finished') await announceFinished(notification, batch);
  }
}

/** What was published stays in the store; the API knows it no longer. */
async function forgetOld({ ledger, storage, config, log }: Household): Promise<void> {
  for (const batch of await finishedBatchesBefore(ledger, config.upkeep.keepBatchesMs)) {
    await removeAll({ storage }, `originals/${batch}/`);
    await removeAll({ storage }, `records/${batch}/`);
    await forgetBatch(ledger, batch);
    log.info({ batch }, 'forgot a batch that finished long ago');
  }
}

async function removeAll(
  { storage }: Pick<Household, 'storage'>,
  prefix: `originals/${string}` | `records/${string}`,
): Promise<void> {
  for await (const { key } of storage.list(prefix)) await storage.remove(key);
}
