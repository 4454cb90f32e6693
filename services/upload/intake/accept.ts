/** Accepting one file into an open batch: received, registered and enqueued, recorded. Then it may be acknowledged. */
import { Refusal } from '../../../shared/errors.ts';
import { keepRecord } from '../../../shared/keep-record.ts';
import { readIdempotent, readRoom, readUpload, type UploadEntry } from '../../../shared/ledger/read.ts';
import { receiving } from '../../../shared/ledger/receiving.ts';
import { type NewUpload, type Registration, registerUpload } from '../../../shared/ledger/register.ts';
import { isUnrecorded } from '../../../shared/ledger/unrecorded.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Door } from '../door.ts';
import { missing, noSuchBatch, recovering } from '../missing.ts';
import { tooLarge } from './body.ts';
import { type IncomingFile, receive } from './receive.ts';

/**
 * @param idempotency names the request: one that was accepted before gives the same upload, its body is skipped.
 * @throws Refusal 400, 404, 409, 413, 415, and then nothing of the file is left; StorageError; Redis's errors, after
 *   which the original stays, because the transaction may have gone through.
 */
export async function accept(
  door: Door,
  file: IncomingFile,
  idempotency: string | undefined,
  log: Pick<Logger, 'info'>,
): Promise<UploadEntry> {
  const earlier = idempotency === undefined ? undefined : await readIdempotent(door.ledger, idempotency);
  if (earlier !== undefined) {
    file.body.resume();
    return acceptedBefore(door, earlier);
  }
  await checkRoom(door, file.batch);
  if (file.bytes !== undefined && file.bytes > door.config.maxFileBytes) throw tooLarge(door.config.maxFileBytes);
  await using _received = await receiving(door.ledger, file.batch, 'lapse');
  const upload = { ...(await receive(door, file)), idempotency };
  const registration = await registerUpload(door.ledger, door.transcode, upload, door.config);
  switch (registration.outcome) {
    case 'registered': {
      await keepRecord(door, { kind: 'upload', id: upload.id });
      const entry = await known(door, upload.id);
      logAccepted(log, entry);
      return entry;
    }
    case 'repeat':
      await door.storage.remove(upload.original);
      return acceptedBefore(door, registration.upload);
    default:
      await door.storage.remove(upload.original);
      throw refusal(upload, registration.outcome, door.config.maxBatchFiles);
  }
}

/**
 * Spares the client a body that would be refused after it was sent.
 * @throws Refusal 404, 409, 413
 */
export async function checkRoom({ ledger, config }: Door, batch: string): Promise<void> {
  const room = await readRoom(ledger, batch);
  if (!room) throw await missing({ ledger }, noSuchBatch(batch));
  if (room.state !== 'open') throw batchSealed();
  if (room.uploads >= config.maxBatchFiles) throw batchFull(config.maxBatchFiles);
}

/** @param log names the batch. */
export function logAccepted(log: Pick<Logger, 'info'>, { id, sequence, name, bytes }: UploadEntry): void {
  log.info({ upload: id, sequence, name, bytes }, 'accepted');
}

/** The first request may have died before it was recorded; without a record nothing is acknowledged. */
async function acceptedBefore(door: Door, id: string): Promise<UploadEntry> {
  const what = { kind: 'upload', id } as const;
  if (await isUnrecorded(door.ledger, what)) await keepRecord(door, what);
  return known(door, id);
}

async function known(door: Door, id: string): Promise<UploadEntry> {
  const entry = await readUpload(door.ledger, id);
  if (!entry) throw new Error(`upload ${id} was registered, but the ledger does not know it`);
  return entry;
}

function refusal(
  { batch }: NewUpload,
  outcome: Exclude<Registration['outcome'], 'registered' | 'repeat'>,
  maxBatchFiles: number,
): Refusal {
  switch (outcome) {
    case 'unknown':
      return noSuchBatch(batch);
    case 'sealed':
      return batchSealed();
    case 'full':
      return batchFull(maxBatchFiles);
    case 'recovering':
      return recovering();
  }
}

const batchSealed = () => new Refusal(409, 'The batch is sealed and takes no more files. Open a new batch.');

export const batchFull = (maxBatchFiles: number) =>
  new Refusal(413, `A batch holds at most ${maxBatchFiles} files. Send this one in another batch.`);
