/** Settling, and what follows from it: the record of a failure, the mails. */
import { keepRecord } from '../../shared/keep-record.ts';
import { readUpload, type UploadEntry } from '../../shared/ledger/read.ts';
import { type Outcome, settleUpload } from '../../shared/ledger/settle.ts';
import type { Turn } from '../../shared/ledger/start.ts';
import { announceAlerts, announceSettled } from '../../shared/queues.ts';
import type { Booth } from './booth.ts';

/**
 * What is published is ready, whoever says it; a failure counts only from the run that still has the upload.
 * What a death leaves undone after the ledger has changed, the reconciler does.
 */
export async function settle(booth: Booth, upload: UploadEntry, turn: Turn, outcome: Outcome): Promise<void> {
  const { ledger, config } = booth;
  const { keepOriginalsDays } = config;
  const run = outcome.state === 'ready' ? undefined : turn.run;
  const settling = { upload: { id: upload.id, batch: upload.batch, round: turn.round }, run, keepOriginalsDays };
  const settled = await settleUpload(ledger, settling, outcome);
  if (settled === 'finished') await announceSettled(booth.notification, upload);
  if (outcome.state === 'failed' && settled !== 'superseded') await tellFailure(booth, upload);
}

/** For a job that comes again after its upload has settled: does again what may not have been done. */
export async function settleAgain(booth: Booth, id: string): Promise<void> {
  const upload = await readUpload(booth.ledger, id);
  if (!upload) return;
  const settling = { upload, run: undefined, keepOriginalsDays: booth.config.keepOriginalsDays };
  const outcome = outcomeOf(upload);
  const settled = await settleUpload(booth.ledger, settling, outcome);
  if (settled === 'finished') await announceSettled(booth.notification, upload);
  if (outcome.state === 'failed') await tellFailure(booth, upload);
}

async function tellFailure(booth: Booth, { id, batch }: UploadEntry): Promise<void> {
  await keepRecord(booth, { kind: 'failed', id }).catch((error) =>
    booth.log.warn({ err: error, upload: id, batch }, 'the failure was not recorded yet'),
  );
  await announceAlerts(booth.notification, booth.config.alertGatherMs);
}

function outcomeOf({ state, kind, variants, warning, placeholder, reason = '' }: UploadEntry): Outcome {
  return state === 'failed' ? { state, reason } : { state: 'ready', kind, variants, warning, placeholder };
}
