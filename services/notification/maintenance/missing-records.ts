/** Ledger entries that the bucket has no record of: written now. */
import { keepRecord } from '../../../shared/keep-record.ts';
import { type RecordKind, unrecordedFor } from '../../../shared/ledger/unrecorded.ts';
import { oneByOne } from '../../../shared/one-by-one.ts';
import type { Household } from './household.ts';

/** Whoever changed the ledger writes the record itself, unless it died: after so long it has. */
const LATE_AFTER_MS = 15_000;

/** A batch's own record says that all others of it are there, so it comes last. */
const rank = (kind: RecordKind) => (kind === 'batch' ? 1 : 0);

export async function writeMissingRecords({ ledger, storage, log }: Household): Promise<number> {
  const missing = await unrecordedFor(ledger, LATE_AFTER_MS);
  let written = 0;
  for (const what of missing.toSorted((a, b) => rank(a.kind) - rank(b.kind))) {
    const isBatchs = what.kind === 'batch' || what.kind === 'sealed' || what.kind === 'notified';
    const about = { [isBatchs ? 'batch' : 'upload']: what.id, record: what.kind };
    await oneByOne(log, about, async () => {
      await keepRecord({ ledger, storage }, what);
      log.warn(about, 'wrote a record that was missing');
      written++;
    });
  }
  return written;
}
