/** Pictures that no encoder makes: written byte by byte, to be larger, older or stranger than they look. */
import { crc32, deflateSync } from 'node:zlib';

/** A black PNG of one bit per pixel, whole and valid: 20,000 × 20,000 pixels are 50 kB. */
export function blackPng(width: number, height: number): Buffer {
  const row = Buffer.alloc(1 + Math.ceil(width / 8));
  const pixels = deflateSync(Buffer.alloc(row.length * height), { level: 9 });
  const header = Buffer.from([...uint32(width), ...uint32(height), 1, 0, 0, 0, 0]);
  return Buffer.concat([PNG_SIGNATURE, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

/** The PNG with the chunk behind its header that declares it animated; decoders that know no animation skip it. */
export function declareAnimated(png: Buffer, frames: number): Buffer {
  return withBytesAt(png, AFTER_HEADER, chunk('acTL', Buffer.from([...uint32(frames), ...uint32(0)])));
}

/** The PNG with the chunk that declares its colours to be of BT.2020. @param transfer as ITU-T H.273 counts: 16 is PQ, 18 HLG. */
export function declareTransfer(png: Buffer, transfer: number): Buffer {
  return withBytesAt(png, AFTER_HEADER, chunk('cICP', Buffer.from([9, transfer, 0, 1])));
}

/** The picture with some bytes more. */
export function withBytesAt(picture: Buffer, at: number, bytes: Iterable<number>): Buffer {
  return Buffer.concat([picture.subarray(0, at), Buffer.from([...bytes]), picture.subarray(at)]);
}

/**
 * The JPEG with the index of a multi-picture file (CIPA DC-007) in front, and the other picture behind it.
 * @param type what the other is: 0x020003 another view, 0x010001 a preview, 0 anything, such as a gain map.
 */
export function withSecondPicture(jpeg: Buffer, other: Buffer, type: number): Buffer {
  const entry = (kind: number, size: number) => [...uint32(kind), ...uint32(size), ...uint32(0), ...uint32(0)];
  const entries = [...entry(0x20_03_00_00, jpeg.length), ...entry(type, other.length)];
  const directory = [0, 1, 0xb0, 0x02, 0, 7, ...uint32(entries.length), ...uint32(26), ...uint32(0)];
  const index = [...Buffer.from('MPF\0MM\0*'), ...uint32(8), ...directory, ...entries];
  const length = index.length + 2;
  const segment = Buffer.from([0xff, 0xe2, length >> 8, length & 255, ...index]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2), other]);
}

/**
 * A GIF whose frames each draw one pixel on a canvas that can be large (libnsgif distrusts more than 2048 a side): 24
 * bytes a frame, each shown for 100 ms.
 * @param pixels what each frame draws in its corner: 0 is black, 1 white.
 */
export function sparseGif(width: number, height: number, pixels: readonly (0 | 1)[]): Buffer {
  const screen = [...uint16(width), ...uint16(height), 0x80, 0, 0];
  const blackAndWhite = [0, 0, 0, 255, 255, 255];
  const delay = [0x21, 0xf9, 4, 4, 10, 0, 0, 0];
  const onePixel = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0];
  /** LZW codes of three bits: clear, the pixel, end. */
  const compressed = (pixel: 0 | 1) => [2, 2, 0x44 | (pixel << 3), 1, 0];
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...screen,
    ...blackAndWhite,
    ...pixels.flatMap((pixel) => [...delay, ...onePixel, ...compressed(pixel)]),
    0x3b,
  ]);
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const AFTER_HEADER = PNG_SIGNATURE.length + 25;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  return Buffer.concat([Buffer.from(uint32(data.length)), body, Buffer.from(uint32(crc32(body)))]);
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function uint16(value: number): number[] {
  return [value & 255, value >>> 8];
}
