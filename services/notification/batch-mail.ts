/** Telling the instructor that a batch has finished: one mail, whatever died in between. */
import { keepRecord } from '../../shared/keep-record.ts';
import { noteNotified, noteNotSent, noteSending } from '../../shared/ledger/notified.ts';
import { readBatch } from '../../shared/ledger/read.ts';
import { isUnrecorded } from '../../shared/ledger/unrecorded.ts';
import { deliver, Undelivered } from './deliver.ts';
import type { Desk, Turn } from './desk.ts';
import { compose } from './mail/compose.ts';
import { noteSent } from './note-sent.ts';
import { sender } from './sender.ts';
import { settledFile } from './settled-file.ts';

/** Sends the mail of a finished batch unless that was done, or given up, before. @throws Undelivered. */
export async function mailBatch(desk: Desk, id: string, turn: Turn): Promise<void> {
  const { ledger, config } = desk;
  const batch = await readBatch(ledger, id);
  if (batch?.state !== 'finished') return;
  if (batch.notifiedAt === undefined && batch.refusedAt === undefined) {
    const { title, instructor, uploads } = batch;
    const files = uploads.map((upload) => settledFile(upload, config.publicUrl));
    const mail = compose({ batch: id, title, instructor, files }, sender(config));
    const noted = await noteSending(ledger, id);
    if (noted === 'unknown') return;
    if (noted === 'again') {
      turn.log.warn({ messageId: mail.messageId }, 'this mail may go out a second time, with the same Message-ID');
    }
    try {
      await deliver(desk, mail, turn);
    } catch (error) {
      if (surelyNotSent(error)) await noteNotSent(ledger, id);
      throw error;
    }
    await noteSent(() => noteNotified(ledger, id), turn);
  }
  await recordNotified(desk, id, turn);
}

const surelyNotSent = (error: unknown) =>
  error instanceof Undelivered && (error.failure.outcome === 'refused' || !error.failure.mayHaveArrived);

/** A store that is away must not have the mail sent again: the reconciler writes what is not recorded yet. */
async function recordNotified(desk: Desk, id: string, { log }: Turn): Promise<void> {
  const what = { kind: 'notified', id } as const;
  if (!(await isUnrecorded(desk.ledger, what))) return;
  await keepRecord(desk, what).catch((error) => log.warn({ err: error }, 'that the mail was sent is not recorded yet'));
}
