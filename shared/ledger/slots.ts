/** Render slots: the right to render now, for the whole fleet and for dead letters too. */
import { z } from 'zod';
import { KEY_PREFIX } from '../redis.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const take = loadScript(new URL('./take-slot.lua', import.meta.url), 6);
const renew = loadScript(new URL('./renew-slot.lua', import.meta.url), 1);

export interface SlotWish {
  /** `slotHolder` says its name. */
  readonly holder: string;
  /** Who comes first: the lowest. */
  readonly rank: number;
  readonly slots: number;
  readonly leaseMs: number;
  /** After so long without asking again the wish is forgotten. */
  readonly wishMs: number;
  /** An upload that gets no slot while another one is before it in the queue; undefined when that does not matter. */
  readonly inItsTurn: string | undefined;
}

/** The name of a transcoder, and which of its two workers it is: the main queue's, or that of the dead letters. */
export const slotHolder = (workerName: string, queue: 'first' | 'last') => `${workerName}/${queue}`;

const taking = z.union([
  z.literal(1).transform(() => 'taken' as const),
  z.literal(0).transform(() => 'wait' as const),
  z.literal(2).transform(() => 'out-of-turn' as const),
]);

/** What says whether the house is paused. */
const mainQueueMeta = `${KEY_PREFIX}:transcode:meta`;

/**
 * Nobody gets a slot while the ledger is not whole, or the house is paused.
 * @returns `out-of-turn`: there is a free slot, and another upload is before this one.
 */
export async function takeSlot(ledger: Ledger, wish: SlotWish): Promise<z.infer<typeof taking>> {
  const { holder, rank, slots, leaseMs, wishMs, inItsTurn } = wish;
  const waiting = [ledgerKey.slots, ledgerKey.slotWaiters, ledgerKey.slotWishes];
  const keys = [...waiting, ledgerKey.epoch, ledgerKey.queued, mainQueueMeta];
  return taking.parse(await runScript(ledger, take, keys, [holder, rank, slots, leaseMs, wishMs, inItsTurn ?? '']));
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
