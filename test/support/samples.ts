/** Small bodies that pass the door: right first bytes, any length. What lies behind them is not media. */

const HEAD = Buffer.concat([uint32(24), Buffer.from('ftypisom'), uint32(512), Buffer.from('isomiso2')]);

/** Passes as MP4 by its first bytes. */
export function mp4Like(bytes: number): Buffer {
  return Buffer.concat([HEAD, Buffer.alloc(bytes - HEAD.length, 0x2a)]);
}

/** The same as a stream of unknown length, made as it is read. */
export async function* mp4LikeStream(bytes: number, chunkBytes = 1024 ** 2): AsyncGenerator<Buffer> {
  yield mp4Like(chunkBytes);
  const chunk = Buffer.alloc(chunkBytes, 0x2a);
  for (let sent = chunkBytes; sent < bytes; sent += chunkBytes) yield chunk.subarray(0, bytes - sent);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
