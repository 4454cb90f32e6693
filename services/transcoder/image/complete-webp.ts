/** Makes a WebP that was cut off as long as it says it is, of which libwebp reads what there is. Pure. */

/** Before the length that the RIFF header says. */
const RIFF_HEADER = 8;
const FIRST_CHUNK = 12;
const CHUNK_HEADER = 8;

/**
 * A picture ends in zeros then; an animation loses the frame that was cut, as libwebp reads none of it.
 * @returns undefined when the file is as long as it says, or says that it is longer than `maxBytes`.
 */
export function completed(webp: Buffer, maxBytes: number): Buffer | undefined {
  if (webp.length < FIRST_CHUNK) return undefined;
  const announced = webp.readUInt32LE(4) + RIFF_HEADER;
  if (announced <= webp.length || announced > maxBytes) return undefined;
  const { end, frames } = wholeChunks(webp);
  if (frames === 0) return Buffer.concat([webp, Buffer.alloc(announced - webp.length)]);
  const shorter = Buffer.from(webp.subarray(0, end));
  shorter.writeUInt32LE(end - RIFF_HEADER, 4);
  return shorter;
}

function wholeChunks(webp: Buffer): { end: number; frames: number } {
  let [end, frames] = [FIRST_CHUNK, 0];
  while (end + CHUNK_HEADER <= webp.length) {
    const length = webp.readUInt32LE(end + 4);
    const next = end + CHUNK_HEADER + length + (length % 2);
    if (next > webp.length) break;
    if (webp.toString('latin1', end, end + 4) === 'ANMF') frames += 1;
    end = next;
  }
  return { end, frames };
}
