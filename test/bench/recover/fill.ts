/** A bucket as a busy house leaves it: batches of many uploads, half of them published, some failed, the rest waiting. */
import { Readable } from 'node:stream';
import pMap from 'p-map';
import { v7 as uuidv7 } from 'uuid';
import { type Manifest, manifest } from '../../../shared/manifest.ts';
import { writeBatchRecord, writeFailedRecord, writeSealedRecord, writeUploadRecord } from '../../../shared/records.ts';
import { manifestKey, mediaPrefix, originalKey } from '../../../shared/storage/keys.ts';
import type { Storage } from '../../../shared/storage/storage.ts';

const BATCH = 50;
const AT_ONCE = 32;

/** Writes records and manifests; originals and variants are not read by a recovery. */
export async function fill(storage: Storage, uploads: number): Promise<void> {
  const batches = Array.from({ length: Math.ceil(uploads / BATCH) }, (_, index) => ({
    id: uuidv7(),
    first: index * BATCH + 1,
    last: Math.min(uploads, (index + 1) * BATCH),
  }));
  for (const { id: batch, first, last } of batches) {
    await writeBatchRecord(storage, { id: batch, title: `From ${first}`, instructor: 'ada@example.org' });
    const sequences = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    await pMap(sequences, (sequence) => writeOne(storage, batch, sequence), { concurrency: AT_ONCE });
    await writeSealedRecord(storage, { batch });
  }
}

async function writeOne(storage: Storage, batch: string, sequence: number): Promise<void> {
  const id = uuidv7();
  const name = `lecture ${sequence}.mp4`;
  const about = {
    name,
    bytes: 1,
    contentType: 'video/mp4',
    kind: 'video',
    original: originalKey(batch, id, name),
  } as const;
  await writeUploadRecord(storage, { id, batch, sequence, ...about });
  if (sequence % 10 === 0) await writeFailedRecord(storage, { batch, upload: id, reason: 'It is broken.' });
  else if (sequence % 2 === 0)
    await writeManifest(storage, { version: 1, upload: id, batch, sequence, ...published(name) });
}

const published = (name: string) => ({ name, kind: 'video' as const, attempt: '1-a', variants: [] });

async function writeManifest(storage: Storage, written: Manifest): Promise<void> {
  const body = Buffer.from(JSON.stringify(manifest.parse(written)));
  const key = manifestKey(mediaPrefix(written.batch, written.sequence, written.name));
  await storage.write(key, Readable.from([body]), { contentType: 'application/json', bytes: body.length });
}
