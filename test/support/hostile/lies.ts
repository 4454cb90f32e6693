/** Headers that promise more than there is, more than a machine has, or no end. Each changes a whole, short file. */
import { box, boxAt, withBytes } from './boxes.ts';

const MOST = [0xff, 0xff, 0xff, 0xff];

type Lie = (whole: Buffer) => Buffer;

/** Of an MP4 with its index in front and sound. */
export const mp4Lies: Readonly<Record<string, Lie>> = {
  'an index larger than the file': (whole) => withBytes(whole, 'moov', 0, MOST),
  'an index of 2^63 bytes': (whole) => {
    const at = boxAt(whole, 'moov');
    const long = Buffer.concat([
      whole.subarray(0, at),
      box('moov', Buffer.from([0x7f, ...MOST, ...MOST.slice(1)])),
      whole.subarray(at),
    ]);
    long.writeUInt32BE(1, at);
    return long;
  },
  'an index that never ends': (whole) => withBytes(whole, 'moov', 0, [0, 0, 0, 0]),
  'a box within itself': (whole) => withBytes(whole, 'trak', 0, [0, 0, 0, 8]),
  'four billion durations': (whole) => withBytes(whole, 'stts', 12, MOST),
  'a duration of four billion ticks': (whole) => withBytes(whole, 'stts', 20, MOST),
  'four billion frames of one duration': (whole) => withBytes(whole, 'stts', 16, MOST),
  'four billion sizes': (whole) => withBytes(whole, 'stsz', 16, MOST),
  'four billion frames of one size': (whole) => withBytes(whole, 'stsz', 12, [0, 0, 0, 1, ...MOST]),
  'frames of 2 GiB': (whole) => withBytes(whole, 'stsz', 20, [0x7f, 0xff, 0xff, 0xff]),
  'four billion chunks': (whole) => withBytes(whole, 'stco', 12, MOST),
  'chunks at the end of the world': (whole) => withBytes(whole, 'stco', 16, MOST),
  'four billion frames a chunk': (whole) => withBytes(whole, 'stsc', 20, MOST),
  'four billion keyframes': (whole) => withBytes(whole, 'stss', 12, MOST),
  'four billion edits': (whole) => withBytes(whole, 'elst', 12, MOST),
  'an edit of no length that begins before time': (whole) => withBytes(whole, 'elst', 16, [0, 0, 0, 0, 0x80, 0, 0, 0]),
  'an edit of four billion ticks': (whole) => withBytes(whole, 'elst', 16, [...MOST, 0, 0, 0, 0]),
  'a thousand edits that go round and round': withManyEdits,
  'no ticks a second': (whole) => withBytes(whole, 'mdhd', 20, [0, 0, 0, 0]),
  'four billion ticks a second': (whole) => withBytes(whole, 'mdhd', 20, MOST),
  'a picture of 65535 × 65535': (whole) => withBytes(whole, 'avc1', 32, MOST),
  'media of no end': (whole) => withBytes(whole, 'mdat', 0, [0, 0, 0, 0]),
};

/** The first track plays its first moment a thousand times. */
function withManyEdits(whole: Buffer): Buffer {
  const count = 1000;
  const edit = Buffer.from([0, 0, 0x03, 0xe8, 0, 0, 0, 0, 0, 1, 0, 0]);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(count, 4);
  const many = box('elst', Buffer.concat([head, ...Array(count).fill(edit)]));
  const at = boxAt(whole, 'elst');
  const before = whole.readUInt32BE(at);
  const changed = Buffer.concat([whole.subarray(0, at), many, whole.subarray(at + before)]);
  for (const name of ['moov', 'trak', 'edts']) {
    const outer = boxAt(changed, name);
    changed.writeUInt32BE(changed.readUInt32BE(outer) + many.length - before, outer);
  }
  return changed;
}

/** Of other formats, whole files as `fixtures` make them. */
export const otherLies: readonly (readonly [what: string, ending: string, contentType: string, lie: Lie])[] = [
  [
    'a segment of no end',
    'mkv',
    'video/matroska',
    (whole) => ebml(whole, '18538067', [0x01, ...MOST, 0xff, 0xff, 0xff]),
  ],
  [
    'a cluster of 2^56 bytes',
    'mkv',
    'video/matroska',
    (whole) => ebml(whole, '1f43b675', [0x01, ...MOST, 0xff, 0xff, 0xfe]),
  ],
  ['tracks of 4 GiB', 'mkv', 'video/matroska', (whole) => ebml(whole, '1654ae6b', [0x01, 0, 0, ...MOST, 0xff])],
  [
    'a length that is no number',
    'mkv',
    'video/matroska',
    (whole) => ebml(whole, '4489', [0x88, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1]),
  ],
  ['a length before time', 'webm', 'video/webm', (whole) => ebml(whole, '4489', [0x88, 0xff, 0xf0, 0, 0, 0, 0, 0, 0])],
  ['no nanoseconds a tick', 'mkv', 'video/matroska', (whole) => ebml(whole, '2ad7b1', [0x83, 0, 0, 0])],
  ['lists of 4 GiB', 'avi', 'video/vnd.avi', (whole) => behind(whole, 'LIST', [0xff, 0xff, 0xff, 0x7f])],
  [
    'four billion frames',
    'avi',
    'video/vnd.avi',
    (whole) => behind(whole, 'avih', [...whole.subarray(36, 36), 0x38, 0, 0, 0, 1, 0, 0, 0, ...MOST]),
  ],
  [
    'no bytes a second',
    'wav',
    'audio/wav',
    (whole) => behind(whole, 'fmt ', [16, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  ],
  [
    'sixty-five thousand channels',
    'wav',
    'audio/wav',
    (whole) => behind(whole, 'fmt ', [16, 0, 0, 0, 1, 0, 0xff, 0xff]),
  ],
  ['media of 4 GiB', 'wav', 'audio/wav', (whole) => behind(whole, 'data', MOST)],
  ['sixty-eight billion samples', 'flac', 'audio/flac', (whole) => at(whole, 21, [0x0f | (whole[21] ?? 0), ...MOST])],
  [
    'a page at the end of time',
    'ogg',
    'audio/ogg',
    (whole) => lastOf(whole, 'OggS', 6, [...MOST, 0xff, 0xff, 0xff, 0x7f]),
  ],
  [
    'a tag of 256 MiB',
    'mp3',
    'audio/mpeg',
    (whole) => Buffer.concat([Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f]), whole]),
  ],
  ['four billion frames', 'mp3', 'audio/mpeg', (whole) => behind(whole, 'Info', [0, 0, 0, 15, ...MOST, ...MOST])],
  [
    'a length of 10^300 seconds',
    'flv',
    'video/x-flv',
    (whole) => behind(whole, 'duration', [0, 0x7e, 0x37, 0xe4, 0x3c, 0x88, 0, 0x75, 0x9c]),
  ],
  ['tags of 16 MiB', 'flv', 'video/x-flv', (whole) => at(whole, 14, MOST.slice(1))],
];

/** The size, and what follows it, of the first element with this id. */
function ebml(whole: Buffer, id: string, bytes: readonly number[]): Buffer {
  const mark = Buffer.from(id, 'hex');
  return at(whole, found(whole.indexOf(mark), id) + mark.length, bytes);
}

function behind(whole: Buffer, name: string, bytes: readonly number[]): Buffer {
  return at(whole, found(whole.indexOf(name, 0, 'latin1'), name) + name.length, bytes);
}

function lastOf(whole: Buffer, name: string, offset: number, bytes: readonly number[]): Buffer {
  return at(whole, found(whole.lastIndexOf(name, undefined, 'latin1'), name) + offset, bytes);
}

function at(whole: Buffer, position: number, bytes: readonly number[]): Buffer {
  const changed = Buffer.from(whole);
  Buffer.from(bytes).copy(changed, position);
  return changed;
}

function found(position: number, what: string): number {
  if (position < 0) throw new Error(`there is no ${what}`);
  return position;
}
