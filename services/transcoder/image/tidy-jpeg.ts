/**
 * Some programs leave a byte or two between the segments of a JPEG. Every viewer skips them, and libvips would refuse them
 * as it refuses damage; so it is given a copy without them, and can be as strict as ever about the rest.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Original } from './libvips.ts';

/** Segments before the picture's data seldom take as much: profiles, and a picture's whole history. */
const HEAD_BYTES = 1024 ** 2;

/** More is damage. */
const MOST_STRAY = 64;

export interface TidyJpeg extends AsyncDisposable {
  readonly source: string;
}

/** @returns the original itself where there is nothing to tidy; a copy in the directory is gone when disposed of. */
export async function tidyJpeg({ source, contentType }: Original, directory: string): Promise<TidyJpeg> {
  const stray = contentType === 'image/jpeg' ? strayBytes(await headOf(source)) : [];
  if (stray.length === 0) return { source, async [Symbol.asyncDispose]() {} };
  const copy = join(directory, 'tidied');
  const ends = [...stray.map(({ from }) => from), Number.POSITIVE_INFINITY];
  const starts = [0, ...stray.map(({ to }) => to)];
  for (const [part, start] of starts.entries()) {
    const kept = createReadStream(source, { start, end: (ends[part] ?? 0) - 1 });
    await pipeline(kept, createWriteStream(copy, { flags: 'a' }));
  }
  return { source: copy, [Symbol.asyncDispose]: () => rm(copy) };
}

/** Bytes of a file; the one at `to` is none of them any more. */
export interface Bytes {
  readonly from: number;
  readonly to: number;
}

/**
 * What lies between the segments that come before the picture's data. Pure.
 * @returns nothing also when there is so much of it that the file is damaged.
 */
export function strayBytes(head: Buffer): Bytes[] {
  const found: Bytes[] = [];
  for (let position = START_OF_IMAGE; ; ) {
    const at = nextMarker(head, position);
    const marker = at === undefined ? undefined : head[at + 1];
    if (at === undefined || marker === undefined || at + 4 > head.length) break;
    // Any number of 0xff may be before a marker.
    let from = at;
    while (from > position && head[from - 1] === 0xff) from -= 1;
    if (from > position) found.push({ from: position, to: from });
    if (marker === START_OF_SCAN || !hasLength(marker)) break;
    position = at + 2 + head.readUInt16BE(at + 2);
  }
  return found.reduce((sum, { from, to }) => sum + to - from, 0) <= MOST_STRAY ? found : [];
}

const START_OF_IMAGE = 2;
const START_OF_SCAN = 0xda;

/** Markers of their own have none: the beginning and end of a picture, restarts, and what is reserved. */
const hasLength = (marker: number) => marker >= 0xc0 && !(marker >= 0xd0 && marker <= 0xd9);

/** Where the 0xff is that is followed by neither 0xff nor 0. */
function nextMarker(head: Buffer, position: number): number | undefined {
  for (let at = position; at + 1 < head.length; at++) {
    const next = head[at + 1];
    if (head[at] === 0xff && next !== 0xff && next !== 0) return at;
  }
  return undefined;
}

async function headOf(source: string): Promise<Buffer> {
  await using file = await open(source);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}
