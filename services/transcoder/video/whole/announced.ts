/** How many bytes a file has by its own headers. Pure; undefined is what does not say. */

/** Lengths from here on are what writers put who do not know it yet. */
const UNKNOWN_FROM = 0x7fff0000;

/** RIFF: the `data` chunk says where it ends. */
export function announcedByWav(head: Buffer): number | undefined {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  for (let at = 12; at + 8 <= head.length; ) {
    const length = head.readUInt32LE(at + 4);
    if (head.toString('latin1', at, at + 4) === 'data') return length < UNKNOWN_FROM ? at + 8 + length : undefined;
    at += 8 + length + (length % 2);
  }
  return undefined;
}

/** The first frame may hold a `Xing`, `Info` or `VBRI` header. */
export function announcedByMp3(head: Buffer): number | undefined {
  const start = afterId3(head);
  const frame = head.subarray(start, start + 200);
  const xing = Math.max(frame.indexOf('Xing'), frame.indexOf('Info'));
  if (xing >= 0 && xing + 16 <= frame.length) {
    const flags = frame.readUInt32BE(xing + 4);
    const [hasFrames, hasBytes] = [(flags & 1) !== 0, (flags & 2) !== 0];
    return hasBytes ? start + frame.readUInt32BE(xing + (hasFrames ? 12 : 8)) : undefined;
  }
  const vbri = frame.indexOf('VBRI');
  return vbri >= 0 && vbri + 14 <= frame.length ? start + frame.readUInt32BE(vbri + 10) : undefined;
}

function afterId3(head: Buffer): number {
  if (head.toString('latin1', 0, 3) !== 'ID3' || head.length < 10) return 0;
  // Seven bits in each of four bytes.
  return head.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 127), 0) + 10;
}

/** `onMetaData` holds `filesize`, a number (0) of eight bytes. */
export function announcedByFlv(head: Buffer): number | undefined {
  const name = 'filesize';
  const value = head.indexOf(name) + name.length;
  if (value < name.length || head[value] !== 0 || value + 9 > head.length) return undefined;
  const bytes = head.readDoubleBE(value + 1);
  return bytes > 0 ? bytes : undefined;
}

const SEGMENT = 0x18538067;

/** EBML: a header, then the segment that holds everything, each with its length. */
export function announcedByMatroska(head: Buffer): number | undefined {
  const header = lengthAt(head, 4);
  if (header?.value === undefined) return undefined;
  const segment = 4 + header.bytes + header.value;
  if (segment + 4 > head.length || head.readUInt32BE(segment) !== SEGMENT) return undefined;
  const length = lengthAt(head, segment + 4);
  return length?.value === undefined ? undefined : segment + 4 + length.bytes + length.value;
}

/** EBML's lengths: as many bytes as there are zeros before the first one; all ones is not known. */
function lengthAt(
  head: Buffer,
  at: number,
): { readonly bytes: number; readonly value: number | undefined } | undefined {
  const bytes = Math.clz32(head[at] ?? 0) - 23;
  if (bytes < 1 || bytes > 8 || at + bytes > head.length) return undefined;
  const digits = [...head.subarray(at, at + bytes)];
  const marker = 2 ** (8 - bytes);
  const value = digits.reduce((sum, byte, place) => sum * 256 + (place === 0 ? byte - marker : byte), 0);
  return { bytes, value: value === 2 ** (7 * bytes) - 1 ? undefined : value };
}

/** The last page of an Ogg file says that it is the last of its stream. */
export function lacksOggEnd(tail: Buffer): boolean {
  const page = tail.lastIndexOf('OggS');
  return page >= 0 && ((tail[page + 5] ?? 0) & 4) === 0;
}
