/** Brings what the ledger knows into the bucket's records: at once by whoever changed it, else by the reconciler. */

import { readToolOutput } from './ledger/dead-letters.ts';
import type { Ledger } from './ledger/ledger.ts';
import { readBatch, readUpload } from './ledger/read.ts';
import { isUnrecorded, noteRecorded, type RecordKind, type Unrecorded } from './ledger/unrecorded.ts';
import {
  writeBatchRecord,
  writeFailedRecord,
  writeNotifiedRecord,
  writeSealedRecord,
  writeUploadRecord,
} from './records.ts';
import { recordKey } from './storage/keys.ts';
import type { Storage } from './storage/storage.ts';

interface Books {
  readonly ledger: Ledger;
  readonly storage: Storage;
}

/** Safe to repeat. What the ledger does not know any more needs no record. @throws StorageError, Redis's errors. */
export async function keepRecord(books: Books, what: Unrecorded): Promise<void> {
  await recorders[what.kind](books, what.id);
  await noteRecorded(books.ledger, what);
}

/**
 * Whatever a batch still lacks of its records: a request may be acknowledged only with all of them. The batch's own comes
 * last: a recovery that does not find it takes the rest for what was never acknowledged.
 */
export async function completeRecords(books: Books, batch: string): Promise<void> {
  const entry = await readBatch(books.ledger, batch);
  const expected: Unrecorded[] = [
    ...(entry?.uploads.map(({ id }) => ({ kind: 'upload' as const, id })) ?? []),
    { kind: 'sealed', id: batch },
    { kind: 'batch', id: batch },
  ];
  for (const what of expected) if (await isUnrecorded(books.ledger, what)) await keepRecord(books, what);
}

const recorders: Readonly<Record<RecordKind, (books: Books, id: string) => Promise<void>>> = {
  async batch({ ledger, storage }, id) {
    const batch = await readBatch(ledger, id);
    if (!batch) return;
    const { title, instructor, createdAt, idempotency } = batch;
    await writeBatchRecord(storage, { id, title, instructor, createdAt, idempotency });
  },

  async upload({ ledger, storage }, id) {
    const upload = await readUpload(ledger, id);
    if (!upload) return;
    const { batch, sequence, name, bytes, contentType, kind, original, queuedAt, idempotency } = upload;
    const about = { name, bytes, contentType, kind, original };
    await writeUploadRecord(storage, { id, batch, sequence, ...about, queuedAt, idempotency });
  },

  async sealed({ ledger, storage }, id) {
    const batch = await readBatch(ledger, id);
    if (batch && batch.state !== 'open') await writeSealedRecord(storage, { batch: id, at: batch.sealedAt });
  },

  async failed({ ledger, storage }, id) {
    const upload = await readUpload(ledger, id);
    if (upload?.state !== 'failed') return;
    const { batch, reason = '', attempts, round, settledAt } = upload;
    const toolOutput = await readToolOutput(ledger, id);
    await writeFailedRecord(storage, { batch, upload: id, reason, toolOutput, attempts, round, at: settledAt });
    // A replay may have overtaken a write that took long: the record would fail it again after a loss of Redis.
    if ((await readUpload(ledger, id))?.round !== round) await storage.remove(recordKey.failed(batch, id));
  },

  async replayed({ ledger, storage }, id) {
    const upload = await readUpload(ledger, id);
    if (upload && upload.state !== 'failed') await storage.remove(recordKey.failed(upload.batch, id));
  },

  async notified({ ledger, storage }, id) {
    const batch = await readBatch(ledger, id);
    const at = batch?.notifiedAt ?? batch?.refusedAt;
    if (at === undefined) return;
    await writeNotifiedRecord(storage, {
      batch: id,
      at,
      ...(batch?.notifiedAt === undefined && { refused: true as const }),
    });
  },
};
