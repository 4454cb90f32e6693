/** Outputs below media/ that no manifest names and no run is at. */
import { basename } from 'node:path';
import { uploadAt } from '../../../shared/ledger/known.ts';
import { readUpload } from '../../../shared/ledger/read.ts';
import { manifestAt } from '../../../shared/published-manifest.ts';
import { manifestKey } from '../../../shared/storage/keys.ts';
import type { StoredObject } from '../../../shared/storage/storage.ts';
import type { Household } from './household.ts';
import { areOld, isAtIt } from './left-outputs.ts';

/** @param before attempts with younger outputs are left alone. @returns how many were removed. */
export async function removeStrayMedia(household: Household, before: Date): Promise<number> {
  let removed = 0;
  let prefix: string | undefined;
  let objects: StoredObject[] = [];
  for await (const object of household.storage.list('media/')) {
    const own = object.key.split('/').slice(0, 3).join('/');
    if (prefix !== undefined && own !== prefix) {
      removed += await removeStrayOf(household, prefix, objects, before);
      objects = [];
    }
    prefix = own;
    objects.push(object);
  }
  if (prefix !== undefined) removed += await removeStrayOf(household, prefix, objects, before);
  return removed;
}

async function removeStrayOf(
  { storage, ledger, log }: Household,
  prefix: string,
  objects: readonly StoredObject[],
  before: Date,
): Promise<number> {
  const outputs = objects.filter(({ key }) => key !== manifestKey(prefix));
  const attempts = Map.groupBy(outputs, ({ key }) => key.split('/')[3] ?? '');
  // Of what was published the one attempt is left, as almost always: nothing to ask about.
  if (outputs.length < objects.length && attempts.size <= 1) return 0;
  const [, batch = '', slug = ''] = prefix.split('/');
  const id = await uploadAt(ledger, batch, Number.parseInt(slug, 10));
  const upload = id === undefined ? undefined : await readUpload(ledger, id);
  // Read after the ledger, whatever the listing says, which is older: who is not at it any more has published by now.
  const named = (await manifestAt(storage, prefix))?.attempt;
  let removed = 0;
  for (const [attempt, left] of attempts) {
    if (attempt === named || (upload && isAtIt(upload, attempt)) || !areOld(left, before)) continue;
    for (const { key } of left) {
      await storage.remove(key);
      log.warn(
        { batch, upload: id, key: `${basename(prefix)}/${basename(key)}` },
        'removed an output that no manifest names',
      );
      removed++;
    }
  }
  return removed;
}
