/** Receiving one file: sniffed, then streamed into storage. What is refused or cut off leaves no object. */
import type { Readable } from 'node:stream';
import { v7 as uuidv7 } from 'uuid';
import { Refusal } from '../../../shared/errors.ts';
import type { NewUpload } from '../../../shared/ledger/register.ts';
import { originalKey } from '../../../shared/storage/keys.ts';
import type { Door } from '../door.ts';
import { openBody } from './body.ts';
import { SNIFF_BYTES, type Sniffed, sniff } from './media-type.ts';

export interface IncomingFile {
  readonly batch: string;
  /** As the client calls it; only ever data. */
  readonly name: string;
  readonly body: Readable;
  /** Length where the request announces it. */
  readonly bytes?: number | undefined;
}

/**
 * Stores the original. It is not an upload until it is registered.
 * @throws Refusal 400 (empty, cut off), 413 (too large), 415 (not media); StorageError.
 */
export async function receive(door: Door, file: IncomingFile): Promise<NewUpload> {
  const body = await openBody(file.body, SNIFF_BYTES, door.config.maxFileBytes);
  try {
    if (body.head.length === 0) throw new Refusal(400, 'The file is empty. Send a file that has content.');
    const type = await sniff(body.head);
    if (type.outcome === 'refused') throw notMedia(type);

    const { batch, name } = file;
    const { contentType, kind } = type;
    const id = uuidv7();
    const original = originalKey(batch, id, name);
    await door.storage.write(original, body.stream, {
      contentType,
      atMost: door.config.maxFileBytes,
      ...(file.bytes !== undefined && { bytes: file.bytes }),
    });
    return { id, batch, name, bytes: body.bytesRead(), contentType, kind, original };
  } finally {
    await body.release();
  }
}

function notMedia({ found }: Extract<Sniffed, { outcome: 'refused' }>): Refusal {
  if (found?.startsWith('image/hei')) {
    const onPhones = 'An iPhone takes JPEG after Settings, Camera, Formats, Most Compatible.';
    return new Refusal(415, `HEIC images are not supported. Export the image as JPEG and send that. ${onPhones}`);
  }
  const what =
    found === undefined
      ? 'It is no video, image or audio that this server takes'
      : `It is ${found}, which is not taken`;
  return new Refusal(415, `${what}. Send MP4, MOV, MKV, WebM, MP3, JPEG, PNG, WebP or GIF.`);
}
