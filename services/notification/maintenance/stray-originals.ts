/** Originals that the ledger does not know: with a record they are put back at their sequence, without one they go. */
import { knownUploads } from '../../../shared/ledger/known.ts';
import { isBeingReceived } from '../../../shared/ledger/receiving.ts';
import { findRecords, readLost } from '../../../shared/recovery/read-lost.ts';
import { restore } from '../../../shared/recovery/recover.ts';
import type { StoredObject } from '../../../shared/storage/storage.ts';
import type { Household } from './household.ts';

/** Originals asked about in one go. */
const AT_ONCE = 500;

interface StrayOriginal {
  readonly object: StoredObject;
  readonly batch: string;
  readonly upload: string;
}

/** @param before what is younger may be on its way into the ledger. @returns how many were put back or removed. */
export async function settleStrayOriginals(household: Household, before: Date): Promise<number> {
  let settled = 0;
  let some: StrayOriginal[] = [];
  const settleSome = async () => {
    const known = await knownUploads(
      household.ledger,
      some.map(({ upload }) => upload),
    );
    const stray = some.filter(({ upload }) => !known.has(upload));
    for (const [batch, originals] of Map.groupBy(stray, (one) => one.batch)) {
      settled += await settleBatch(household, batch, originals, before);
    }
    some = [];
  };
  for await (const object of household.storage.list('originals/')) {
    const [, batch, upload] = object.key.split('/');
    if (batch === undefined || upload === undefined) continue;
    some.push({ object, batch, upload });
    if (some.length === AT_ONCE) await settleSome();
  }
  await settleSome();
  return settled;
}

async function settleBatch(
  household: Household,
  batch: string,
  originals: readonly StrayOriginal[],
  before: Date,
): Promise<number> {
  const { storage, ledger, transcode, config, log } = household;
  const records = await findRecords(storage, batch);
  const lost = await readLost(storage, records, log);
  const { keepOriginalsDays } = config;
  const restored = await restore({ storage, ledger, transcode, keepOriginalsDays }, lost);
  if (restored > 0) log.warn({ batch, restored }, 'put uploads back that have records and were not in the ledger');

  const recorded = new Set(lost.uploads.map(({ id }) => id));
  let removed = 0;
  for (const { object, upload } of originals) {
    if (recorded.has(upload) || object.modifiedAt > before || (await isBeingReceived(ledger, batch))) continue;
    await storage.remove(object.key);
    log.warn({ batch, upload, key: object.key }, 'removed an original that nobody owns');
    removed++;
  }
  return restored + removed;
}
