/**
 * How a GIF ends. libnsgif takes an animation that was cut off for a shorter one, so its blocks are walked here; what is
 * packed in them is left to libnsgif. Pure.
 */

/** `whole` also without the trailer, where nothing but that is missing. `broken`: between two blocks lies something else. */
export type GifEnd = 'whole' | 'cut-off' | 'broken';

/** Of the GIF89a specification: the header and the logical screen descriptor, and what follows by its first byte. */
const SCREEN_FLAGS = 10;
const AFTER_SCREEN = 13;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
/** Not allowed, and skipped by every decoder: some encoders end a block with one zero too many. */
const STRAY = 0x00;

export function gifEnd(bytes: Uint8Array): GifEnd {
  let position = AFTER_SCREEN + colourTable(bytes[SCREEN_FLAGS]);
  let images = 0;
  while (position < bytes.length) {
    switch (bytes[position]) {
      case TRAILER:
        return 'whole';
      case STRAY:
        position += 1;
        break;
      case EXTENSION:
        position = afterSubBlocks(bytes, position + 2);
        break;
      case IMAGE: {
        const flags = bytes[position + 9];
        // The byte between is the size of the first codes.
        position = afterSubBlocks(bytes, position + 10 + colourTable(flags) + 1);
        images += 1;
        break;
      }
      default:
        return 'broken';
    }
  }
  return position === bytes.length && images > 0 ? 'whole' : 'cut-off';
}

/** @returns the position behind the block's end; beyond the file's when it lies there. */
function afterSubBlocks(bytes: Uint8Array, first: number): number {
  let position = first;
  for (;;) {
    const length = bytes[position];
    if (length === undefined) return bytes.length + 1;
    position += 1 + length;
    if (length === 0) return position;
  }
}

/** Bytes of the colour table that such flags announce. */
function colourTable(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}
