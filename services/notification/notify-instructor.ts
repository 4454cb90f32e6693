/** Telling the instructor that a batch has finished: one mail, whatever died in between. */
import { noteNotified } from '../../shared/ledger/notified.ts';
import { type BatchEntry, readBatch, type UploadEntry } from '../../shared/ledger/read.ts';
import { mediaPath } from '../../shared/media-path.ts';
import { writeNotifiedRecord } from '../../shared/records.ts';
import type { Desk } from './desk.ts';
import { compose, type FinishedBatch, type SettledFile } from './mail/compose.ts';
import { send } from './mail/send.ts';

/**
 * Sends the mail of a finished batch unless that was done before.
 * @throws Error when the mail could not be handed over just now; the queue tries again.
 */
export async function notifyInstructor(desk: Desk, id: string): Promise<void> {
  const { config, ledger, storage } = desk;
  const log = desk.log.child({ batch: id });
  const batch = await readBatch(ledger, id);
  if (batch?.state !== 'finished' || batch.notifiedAt !== undefined) return;

  const { mailFrom: from, operatorEmail: replyTo, publicUrl } = config;
  const mail = compose(finishedBatch(batch, publicUrl), { from, publicUrl, ...(replyTo !== undefined && { replyTo }) });
  const delivery = await send(mail, config.smtpUrl);
  if (delivery.outcome === 'try-again') throw new Error(`the mail could not be sent: ${delivery.detail}`);
  if (delivery.outcome === 'address-refused') {
    log.error({ to: mail.to, said: delivery.detail }, 'the mail was refused for good');
    await noteNotified(ledger, id, 'refused');
    return;
  }
  const at = await noteNotified(ledger, id, 'sent');
  await writeNotifiedRecord(storage, { batch: id, at });
  log.info({ to: mail.to, messageId: mail.messageId }, 'mail sent');
}

function finishedBatch({ id, title, instructor, uploads }: BatchEntry, publicUrl: string): FinishedBatch {
  return { batch: id, title, instructor, files: uploads.map((upload) => settledFile(upload, publicUrl)) };
}

function settledFile(upload: UploadEntry, publicUrl: string): SettledFile {
  const { name, variants, warning } = upload;
  if (upload.state !== 'ready') return { state: 'failed', name, reason: upload.reason ?? 'No reason was given.' };
  const url = (file: string) => publicUrl + mediaPath(upload.id, file);
  const picture = variants.find(({ name, contentType }) => contentType === 'image/jpeg' && PICTURES.includes(name));
  return {
    state: 'ready',
    name,
    links: variants.map(({ file }) => ({ label: file, url: url(file) })),
    ...(warning !== undefined && { warning }),
    ...(picture && { thumbnail: url(picture.file) }),
  };
}

/** Variants that are small enough for a mail. Only as JPEG: many mail clients do not show WebP. */
const PICTURES = ['poster', '360p', 'full'];
