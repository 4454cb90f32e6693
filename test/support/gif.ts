/** GIFs of a few solid frames, written byte by byte: with any delay, disposal, offset and transparency, or none of them said. */

export interface GifFrame {
  readonly width: number;
  readonly height: number;
  readonly left?: number;
  readonly top?: number;
  /** Index in COLOURS. */
  readonly colour: number;
  /** Hundredths of a second; without it the frame has no graphic control extension, unless something else needs one. */
  readonly delay?: number;
  /** 1 leaves the frame, 2 clears its place, 3 brings back what was before it. */
  readonly disposal?: 0 | 1 | 2 | 3;
  /** Whether COLOURS[0] is transparent in this frame. */
  readonly transparent?: boolean;
}

const COLOURS = [
  [0, 0, 0],
  [255, 255, 255],
  [255, 0, 0],
  [0, 0, 255],
] as const;

/** @param loop as its NETSCAPE extension says it, which it has none of unless given: 0 is for ever. */
export function gif(width: number, height: number, frames: readonly GifFrame[], loop?: number): Buffer {
  const screen = [...uint16(width), ...uint16(height), 0x81, 0, 0];
  const application = [0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1];
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...screen,
    ...COLOURS.flat(),
    ...(loop === undefined ? [] : [...application, ...uint16(loop), 0]),
    ...frames.flatMap((frame) => [...control(frame), ...image(frame)]),
    0x3b,
  ]);
}

function control({ delay, disposal = 0, transparent = false }: GifFrame): number[] {
  if (delay === undefined && disposal === 0 && !transparent) return [];
  return [0x21, 0xf9, 4, (disposal << 2) | Number(transparent), ...uint16(delay ?? 0), 0, 0];
}

function image({ left = 0, top = 0, width, height, colour }: GifFrame): number[] {
  const place = [left, top, width, height].flatMap(uint16);
  return [0x2c, ...place, 0, 2, ...subBlocks(codes(colour, width * height)), 0];
}

/** LZW codes of three bits: the table is cleared so often that they need no fourth. */
function codes(colour: number, pixels: number): number[] {
  const [clear, end] = [4, 5];
  const bits: number[] = [];
  const put = (code: number) => bits.push(code & 1, (code >> 1) & 1, (code >> 2) & 1);
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (pixel % 2 === 0) put(clear);
    put(colour);
  }
  put(end);
  return Array.from({ length: Math.ceil(bits.length / 8) }, (_, byte) =>
    bits.slice(8 * byte, 8 * byte + 8).reduce((sum, bit, place) => sum | (bit << place), 0),
  );
}

function subBlocks(bytes: readonly number[]): number[] {
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255);
    blocks.push(block.length, ...block);
  }
  return blocks;
}

function uint16(value: number): number[] {
  return [value & 255, value >>> 8];
}
