/**
 * Whether a file ends before its own headers say that it does: ffmpeg renders what there is of it and exits with 0.
 * Nothing can be said so of AAC, MPEG transport and program streams, which are made to be cut anywhere, and of streams that
 * were written before their end was known.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { announcedByFlv, announcedByMatroska, announcedByMp3, announcedByWav, lacksOggEnd } from './announced.ts';

/** Headers lie within the first bytes; MP3 has its after a cover, which may be large. */
const HEAD_BYTES = 1024 ** 2;
/** An Ogg page has at most 65,307 bytes. */
const TAIL_BYTES = 128 * 1024;

/** Some count their own header, or what follows the media, and some do not. */
const UNCERTAIN_BYTES = 4096;

/** @param demuxers by which the file is read. */
export async function isCutOff(path: string, demuxers: readonly string[]): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  const head = () => bytesAt(file, 0, HEAD_BYTES);
  const isShort = (announced: number | undefined) => announced !== undefined && announced > size + UNCERTAIN_BYTES;
  switch (demuxers[0]) {
    case 'wav':
      return isShort(announcedByWav(await head()));
    case 'mp3':
      return isShort(announcedByMp3(await head()));
    case 'flv':
      return isShort(announcedByFlv(await head()));
    case 'matroska':
      return isShort(announcedByMatroska(await head()));
    case 'ogg':
      return lacksOggEnd(await bytesAt(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES));
    case 'mov':
      return (await endOfBoxes(file, size)) > size;
    default:
      return false;
  }
}

/** More boxes than twelve hours of fragments have. */
const MOST_BOXES = 200_000;

/** Where the last box of media ends that an MP4 says it has. */
async function endOfBoxes(file: FileHandle, size: number): Promise<number> {
  let at = 0;
  for (let boxes = 0; boxes < MOST_BOXES && at + 16 <= size; boxes += 1) {
    const header = await bytesAt(file, at, 16);
    const short = header.readUInt32BE(0);
    const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    const isMedia = header.toString('latin1', 4, 8) === 'mdat';
    // Zero is all the rest; less than a header is none.
    if (length < 8) return 0;
    at += length;
    if (at > size) return isMedia ? at : 0;
  }
  return 0;
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
