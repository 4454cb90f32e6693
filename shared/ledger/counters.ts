/** What the house counts, for good: the one place where the names of the counters stand, beside the scripts that use them. */
import { z } from 'zod';
import { type Kind, kind } from '../manifest.ts';
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

const NAMES = [
  'uploads',
  'bytes',
  'settled:ready',
  'settled:failed',
  /** Tries that failed and were followed by another in place. */
  'retries',
  /** Processes that died, or lost their slot, over a render. */
  'deaths',
  'dead-letters',
  'replays',
  /** Mails to instructors, and to the operator. */
  'mails:sent',
  'mails:alerts',
  /** Mails to instructors that were given up. */
  'mails:refused',
  /** Tries to send one that an SMTP server answered with a refusal. */
  'mails:failed-tries',
] as const;

type CounterName =
  | (typeof NAMES)[number]
  | `repairs:${string}`
  /** ms that renders took which succeeded, and ms of media in them. */
  | `${'render-ms' | 'media-ms'}:${Kind}`;

export interface Counters {
  readonly of: Readonly<Record<(typeof NAMES)[number], number>>;
  /** By name of the repair. */
  readonly repairs: Readonly<Record<string, number>>;
  readonly renders: readonly { readonly kind: Kind; readonly renderMs: number; readonly mediaMs: number }[];
}

export async function countUp({ redis }: Ledger, counter: CounterName, by = 1): Promise<void> {
  if (by > 0) await redis.hincrby(ledgerKey.counters, counter, by);
}

const number = z.coerce.number().default(0);
const repairPrefix = 'repairs:';

export async function readCounters({ redis }: Ledger): Promise<Counters> {
  const fields = await redis.hgetall(ledgerKey.counters);
  const counted = (name: CounterName) => number.parse(fields[name]);
  const repairs = Object.keys(fields).filter((name) => name.startsWith(repairPrefix));
  return {
    of: z.record(z.enum(NAMES), z.number()).parse(Object.fromEntries(NAMES.map((name) => [name, counted(name)]))),
    repairs: Object.fromEntries(repairs.map((name) => [name.slice(repairPrefix.length), number.parse(fields[name])])),
    renders: kind.options.map((kind) => ({
      kind,
      renderMs: counted(`render-ms:${kind}`),
      mediaMs: counted(`media-ms:${kind}`),
    })),
  };
}
