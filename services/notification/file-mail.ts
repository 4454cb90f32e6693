/** Telling the instructor about one file that was replayed after its batch had finished. */
import { isDue, noteFileNotified } from '../../shared/ledger/notified.ts';
import { readBatch } from '../../shared/ledger/read.ts';
import type { Payload } from '../../shared/queues.ts';
import { deliver } from './deliver.ts';
import type { Desk, Turn } from './desk.ts';
import { composeFile } from './mail/compose-file.ts';
import { noteSent } from './note-sent.ts';
import { sender } from './sender.ts';
import { settledFile } from './settled-file.ts';

/** Sends the mail unless that was done, or given up, before. @throws Undelivered. */
export async function mailFile(
  desk: Desk,
  { batch: id, upload, round }: Payload<'notification', 'file-settled'>,
  turn: Turn,
): Promise<void> {
  const { ledger, config } = desk;
  const due = { batch: id, file: { id: upload, round } };
  if (!(await isDue(ledger, due))) return;
  const batch = await readBatch(ledger, id);
  const file = batch?.uploads.find((entry) => entry.id === upload);
  if (!batch || file?.round !== round || (file.state !== 'ready' && file.state !== 'failed')) {
    return noteFileNotified(ledger, due, 'needless');
  }
  const { title, instructor } = batch;
  const about = { batch: id, title, instructor, upload, round, file: settledFile(file, config.publicUrl) };
  await deliver(desk, composeFile(about, sender(config)), turn);
  await noteSent(() => noteFileNotified(ledger, due, 'sent'), turn);
}
