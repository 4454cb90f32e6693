/** Settling an upload: ready, or failed for good. Batch completion is decided here. */
import { z } from 'zod';
import type { Kind, StoredVariant } from '../manifest.ts';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./settle.lua', import.meta.url), 15);
const settling = z.enum(['finished', 'settled', 'unknown', 'superseded']);

export type Outcome =
  | {
      readonly state: 'ready';
      readonly kind: Kind;
      readonly variants: readonly StoredVariant[];
      readonly warning?: string | undefined;
      readonly placeholder?: string | undefined;
    }
  /** `reason` is what the instructor reads, `toolOutput` what the operator looks at. */
  | { readonly state: 'failed'; readonly reason: string; readonly toolOutput?: string | undefined };

const DAY_MS = 86_400_000;

export interface Settling {
  readonly upload: { readonly id: string; readonly batch: string; readonly round: number };
  /** undefined when no run says it: what is published is ready, and what nobody works on may be settled. */
  readonly run: string | undefined;
  readonly keepOriginalsDays: number;
}

/**
 * `finished`: the batch is finished, its mail is due (unless it was sent before). Repeating it changes nothing.
 * A failed upload becomes a discarded dead letter, of which the operator will be told.
 */
export async function settleUpload(
  ledger: Ledger,
  { upload, run, keepOriginalsDays }: Settling,
  outcome: Outcome,
): Promise<z.infer<typeof settling>> {
  const keys = [
    ledgerKey.upload(upload.id),
    ledgerKey.batch(upload.batch),
    ledgerKey.pending(upload.batch),
    ledgerKey.queued,
    ledgerKey.due,
    ledgerKey.expiring,
    ledgerKey.finished,
    ledgerKey.dueFiles,
    ledgerKey.deadLetter(upload.id),
    ledgerKey.deadLetters,
    ledgerKey.alerts,
    ledgerKey.unrecorded,
    ledgerKey.counters,
    ledgerKey.recent,
    ledgerKey.unsettled,
  ];
  const keepMs = keepOriginalsDays * DAY_MS;
  const toolOutput = outcome.state === 'failed' ? (outcome.toolOutput ?? '') : '';
  return settling.parse(
    await runScript(ledger, script, keys, [
      ...[upload.id, upload.batch, upload.round, run ?? '', keepMs, outcome.state, toolOutput],
      ...fields(outcome),
    ]),
  );
}

function fields(outcome: Outcome): string[] {
  if (outcome.state === 'failed') return ['reason', outcome.reason];
  return [
    ...['kind', outcome.kind, 'variants', JSON.stringify(outcome.variants)],
    ...(outcome.warning === undefined ? [] : ['warning', outcome.warning]),
    ...(outcome.placeholder === undefined ? [] : ['placeholder', outcome.placeholder]),
  ];
}
