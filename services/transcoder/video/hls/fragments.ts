/** Reads the index of a fragmented MP4 of ours: which bytes begin it, and where each fragment lies and how long it plays. */
import { type FileHandle, open } from 'node:fs/promises';

export interface Fragment {
  /** Of its first byte in the file. */
  readonly offset: number;
  readonly bytes: number;
  readonly seconds: number;
}

export interface FragmentedFile {
  /** Length of what a player needs before any fragment: `ftyp` and `moov`, from the file's first byte. */
  readonly initializationBytes: number;
  /** Each begins with a keyframe. They follow each other without a gap. */
  readonly fragments: readonly Fragment[];
}

/** @throws Error when the file is not what command.ts asked for, or ends elsewhere than its index says. */
export async function readFragments(path: string): Promise<FragmentedFile> {
  await using file = await open(path);
  for (let offset = 0; ; ) {
    const box = await readBox(file, offset);
    // The first index is that of the first track, which is the picture.
    if (box.type === 'sidx') {
      const fragments = await readIndex(file, offset, box.bytes);
      await requireEnd(file, path, fragments.at(-1));
      return { initializationBytes: offset, fragments };
    }
    if (box.type !== 'ftyp' && box.type !== 'moov') throw new Error(`${path} has no index before its ${box.type}`);
    offset += box.bytes;
  }
}

/** After the last fragment there is the `mfra` box, and nothing else. */
async function requireEnd(file: FileHandle, path: string, last: Fragment | undefined): Promise<void> {
  const end = last ? last.offset + last.bytes : 0;
  const { size } = await file.stat();
  const box = end + 8 <= size ? await readBox(file, end) : undefined;
  if (box?.type !== 'mfra' || end + box.bytes !== size) throw new Error(`${path} is not whole: it has ${size} bytes`);
}

async function readBox(file: FileHandle, offset: number): Promise<{ type: string; bytes: number }> {
  const header = await readExactly(file, offset, 8);
  return { bytes: header.readUInt32BE(0), type: header.toString('latin1', 4, 8) };
}

/** A `sidx` box of version 1, as ffmpeg writes it (ISO/IEC 14496-12, 8.16.3). */
async function readIndex(file: FileHandle, offset: number, bytes: number): Promise<Fragment[]> {
  const box = await readExactly(file, offset, bytes);
  if (box.readUInt8(8) !== 1) throw new Error('the index has an unknown version');
  const timescale = box.readUInt32BE(16);
  const count = box.readUInt16BE(38);
  const fragments: Fragment[] = [];
  let position = offset + bytes + Number(box.readBigUInt64BE(28));
  for (let entry = 40; fragments.length < count; entry += 12) {
    // The highest bit would say that it refers to another index.
    const length = box.readUInt32BE(entry);
    fragments.push({ offset: position, bytes: length, seconds: box.readUInt32BE(entry + 4) / timescale });
    position += length;
  }
  return fragments;
}

async function readExactly(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, offset);
  if (bytesRead !== bytes) throw new Error('the file ends within its index');
  return buffer;
}
