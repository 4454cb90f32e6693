/** Going through the store for what nobody owns. It takes long in a large house, so it is done the less often. */
import { forgetLapsed } from '../../../shared/ledger/receiving.ts';
import type { Household } from './household.ts';
import { removeStrayMedia } from './stray-media.ts';
import { settleStrayOriginals } from './stray-originals.ts';

/** A scan may take so much of the time: one of ten seconds comes again after ten minutes. */
const SHARE_OF_TIME = 1 / 60;

const scans = new WeakMap<Household, { readonly endedAt: number; readonly tookMs: number }>();

/** @returns how many stray things it dealt with; 0 while it is too early for the next scan. */
export async function scanStore(household: Household): Promise<number> {
  const last = scans.get(household);
  if (last && performance.now() - last.endedAt < last.tookMs / SHARE_OF_TIME) return 0;
  const begun = performance.now();
  const { ledger, storage, config, log } = household;
  await forgetLapsed(ledger);
  const before = new Date(Date.now() - config.upkeep.unownedAfterMs);
  const unfinished = await storage.removeUnfinished(before);
  if (unfinished > 0) log.warn({ unfinished }, 'removed half-written objects of the dead');
  const repaired =
    unfinished + (await settleStrayOriginals(household, before)) + (await removeStrayMedia(household, before));
  const endedAt = performance.now();
  scans.set(household, { endedAt, tookMs: endedAt - begun });
  return repaired;
}
