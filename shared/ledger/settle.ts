/** Settling an upload: ready, or failed for good. Batch completion is decided here. */
import { z } from 'zod';
import type { Kind, StoredVariant } from '../manifest.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./settle.lua', import.meta.url), 6);
const settling = z.enum(['finished', 'settled', 'unknown']);

export type Outcome =
  | {
      readonly state: 'ready';
      readonly kind: Kind;
      readonly variants: readonly StoredVariant[];
      readonly warning?: string | undefined;
    }
  /** `reason` is what the instructor reads. */
  | { readonly state: 'failed'; readonly reason: string };

const DAY_MS = 86_400_000;

/** `finished`: the batch is finished, its mail is due (unless it was sent before). Repeating it changes nothing. */
export async function settleUpload(
  ledger: Ledger,
  upload: { readonly id: string; readonly batch: string },
  outcome: Outcome,
  { keepOriginalsDays }: { readonly keepOriginalsDays: number },
): Promise<z.infer<typeof settling>> {
  const keys = [
    ledgerKey.upload(upload.id),
    ledgerKey.batch(upload.batch),
    ledgerKey.pending(upload.batch),
    ledgerKey.queued,
    ledgerKey.due,
    ledgerKey.expiring,
  ];
  const keepMs = keepOriginalsDays * DAY_MS;
  return settling.parse(
    await runScript(ledger, script, keys, [upload.id, upload.batch, keepMs, outcome.state, ...fields(outcome)]),
  );
}

function fields(outcome: Outcome): string[] {
  if (outcome.state === 'failed') return ['reason', outcome.reason];
  return [
    ...['kind', outcome.kind, 'variants', JSON.stringify(outcome.variants)],
    ...(outcome.warning === undefined ? [] : ['warning', outcome.warning]),
  ];
}
