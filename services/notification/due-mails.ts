/** Mails that nobody asked for, because a process died between what happened and that. */
import type { Queue } from 'bullmq';
import { hasAlerts } from '../../shared/ledger/alerts.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { dueBatches, dueFiles } from '../../shared/ledger/notified.ts';
import { readUpload } from '../../shared/ledger/read.ts';
import { announceAlerts, announceFinished, announceSettledFile } from '../../shared/queues.ts';

/** Safe to repeat: what was asked for already is not asked for again. @param alertGatherMs as of ALERT_GATHER_SECONDS. */
export async function askForDueMails(ledger: Ledger, notification: Queue, alertGatherMs: number): Promise<void> {
  for (const batch of await dueBatches(ledger)) await announceFinished(notification, batch);
  for (const { id, round } of await dueFiles(ledger)) {
    const upload = await readUpload(ledger, id);
    if (upload) await announceSettledFile(notification, { batch: upload.batch, id, round });
  }
  if (await hasAlerts(ledger)) await announceAlerts(notification, alertGatherMs);
}
