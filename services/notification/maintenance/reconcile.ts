/**
 * The reconciler: repairs what a crash left between two stores. Every repair is safe to repeat and to run twice at once;
 * each is logged and counted, and one that fails does not keep the others from being tried.
 */

import { sweepFailedRenders } from '../../../shared/dead-letters.ts';
import { countUp } from '../../../shared/ledger/counters.ts';
import { currentEpoch } from '../../../shared/ledger/epoch.ts';
import { askForDueMails } from '../due-mails.ts';
import { sweepFailedMails } from '../failed-mails.ts';
import type { Household } from './household.ts';
import { removeLeftOutputs } from './left-outputs.ts';
import { repairLostJobs } from './lost-jobs.ts';
import { writeMissingRecords } from './missing-records.ts';
import { scanStore } from './scan-store.ts';

/** @returns how many things it repaired. */
type Repair = (household: Household) => Promise<number>;

const repairs: Readonly<Record<string, Repair>> = {
  'missing-records': writeMissingRecords,
  'failed-jobs': sweepFailedRenders,
  'lost-jobs': repairLostJobs,
  'left-outputs': removeLeftOutputs,
  'failed-mails': sweepFailedMails,
  'due-mails': askForDueMails,
  // Last, because it may take long.
  'store-scan': scanStore,
};

export async function reconcile(household: Household): Promise<void> {
  const { ledger, log } = household;
  // A ledger that is not whole knows nothing: what it does not know would be taken for nobody's.
  if ((await currentEpoch(ledger)) === undefined) return;
  for (const [name, repair] of Object.entries(repairs)) {
    try {
      const repaired = await repair(household);
      if (repaired > 0) log.warn({ repair: name, repaired }, 'repaired');
      await countUp(ledger, `repairs:${name}`, repaired);
    } catch (error) {
      log.warn({ err: error, repair: name }, 'could not be repaired this time');
    }
  }
}
