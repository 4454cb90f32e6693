/** Render slots: the right to render now, for the whole fleet and for dead letters too. */
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const take = loadScript(new URL('./take-slot.lua', import.meta.url), 5);
const renew = loadScript(new URL('./renew-slot.lua', import.meta.url), 1);

export interface SlotWish {
  readonly holder: string;
  /** The same process' other holder: one process renders one file at a time, however many slots there are. */
  readonly otherHolder: string;
  /** Who comes first: the lowest. */
  readonly rank: number;
  readonly slots: number;
  readonly leaseMs: number;
  /** After so long without asking again the wish is forgotten. */
  readonly wishMs: number;
  /** An upload that gets no slot while another one is before it in the queue; undefined when that does not matter. */
  readonly inItsTurn: string | undefined;
}

/** @returns whether the holder has a slot now. Nobody gets one while the ledger is not whole. */
export async function takeSlot(ledger: Ledger, wish: SlotWish): Promise<boolean> {
  const { holder, otherHolder, rank, slots, leaseMs, wishMs, inItsTurn } = wish;
  const keys = [ledgerKey.slots, ledgerKey.slotWaiters, ledgerKey.slotWishes, ledgerKey.epoch, ledgerKey.queued];
  const args = [holder, otherHolder, rank, slots, leaseMs, wishMs, inItsTurn ?? ''];
  return (await runScript(ledger, take, keys, args)) === 1;
}

/** @returns false when the lease had ended before: somebody else may hold the slot. */
export async function renewSlot(ledger: Ledger, holder: string, leaseMs: number): Promise<boolean> {
  return (await runScript(ledger, renew, [ledgerKey.slots], [holder, leaseMs])) === 1;
}

/** Gives back the slot, or the wish for one; also where Redis has no memory left, which would refuse a MULTI. */
export async function releaseSlot({ redis }: Ledger, holder: string): Promise<void> {
  const sets = [ledgerKey.slots, ledgerKey.slotWaiters, ledgerKey.slotWishes];
  await Promise.all(sets.map((set) => redis.zrem(set, holder)));
}
