/** Pictures that carry words in every place that their format has for them, put in byte by byte. */
import { crc32, deflateSync } from 'node:zlib';

/** Behind the start of the file: EXIF with an own thumbnail, XMP, IPTC, a comment, and an application's segment. */
export function jpegWith(jpeg: Buffer, words: string): Buffer {
  const text = Buffer.from(words);
  const segments = [
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif(words)])),
    segment(
      0xe1,
      Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/">'), text]),
    ),
    segment(0xed, Buffer.concat([Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x20\x1c\x02\x50\0\x0a'), text])),
    segment(0xfe, text),
    segment(0xec, Buffer.concat([Buffer.from('Ducky'), text])),
  ];
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2), text]);
}

/** Behind the header: plain, packed and international text, the time, EXIF. */
export function pngWith(png: Buffer, words: string): Buffer {
  const chunks = [
    chunk('tEXt', Buffer.from(`Author\0${words}`)),
    chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.from(words))])),
    chunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${words}`)),
    chunk('tIME', Buffer.from([7, 234, 1, 1, 1, 1, 1])),
    chunk('eXIf', exif(words)),
  ];
  return insert(png, 33, Buffer.concat(chunks));
}

/** Behind the colour table of test/support/gif.ts: a comment, and XMP as an application's block. */
export function gifWith(gif: Buffer, words: string): Buffer {
  const text = [words.length, ...Buffer.from(words), 0];
  return insert(gif, 25, Buffer.from([0x21, 0xfe, ...text, 0x21, 0xff, 11, ...Buffer.from('XMP DataXMP'), ...text]));
}

/** A TIFF structure whose copyright is the words, and whose thumbnail ends in them; at 51° N. */
function exif(words: string): Buffer {
  const text = Buffer.from(`${words}\0`);
  const [IFD0, GPS, IFD1] = [8, 38, 56];
  const copyright = IFD1 + 30;
  const thumbnail = copyright + text.length;
  const field = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(count, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const directory = (fields: readonly Buffer[], next: number) =>
    Buffer.concat([Buffer.from([fields.length, 0]), ...fields, Buffer.from([next, 0, 0, 0])]);
  return Buffer.concat([
    Buffer.from([0x49, 0x49, 42, 0, IFD0, 0, 0, 0]),
    directory([field(0x8298, 2, text.length, copyright), field(0x8825, 4, 1, GPS)], IFD1),
    directory([field(1, 2, 2, 'N'.charCodeAt(0))], 0),
    directory([field(0x0201, 4, 1, thumbnail), field(0x0202, 4, 1, text.length)], 0),
    text,
    text,
  ]);
}

function segment(marker: number, body: Buffer): Buffer {
  const length = body.length + 2;
  return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 255]), body]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function insert(whole: Buffer, at: number, part: Buffer): Buffer {
  return Buffer.concat([whole.subarray(0, at), part, whole.subarray(at)]);
}
