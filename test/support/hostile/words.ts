/** Sound and pictures whose cover has a type that ffmpeg prints: words that only the machine should say. */

/** What the machine says when it is in trouble. A type has less than 64 bytes. */
export const machineWords = [
  'No space left on device',
  'x\nError closing file: No space left on device',
  'x\nbwrap: gone',
  'x\nmalloc of size 4177920 failed\nCannot allocate memory',
  'x\nCould not open codec for input stream 0',
] as const;

/** @param flac whole. @returns it with such a cover and nothing that can be decoded. */
export function flacSaying(words: string, flac: Buffer): Buffer {
  const STREAM_INFO = { begins: 4, ends: 42 };
  const head = flac.subarray(STREAM_INFO.begins, STREAM_INFO.ends);
  const cover = coverOf(words);
  const noise = Buffer.from(flac.subarray(STREAM_INFO.ends)).map((_, index) => (index * 73 + 11) & 0x7f);
  return Buffer.concat([Buffer.from('fLaC\0'), head.subarray(1), lastBlock(6, cover), noise]);
}

function lastBlock(type: number, content: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(content.length);
  header.writeUInt8(type | 0x80);
  return Buffer.concat([header, content]);
}

/** An Ogg of a video in the old way of OGM, in a codec that is not decoded, with such a cover. */
export function oggSaying(words: string): Buffer {
  const header = Buffer.alloc(60);
  header.write('\x01video\0\0\0FFV1', 'latin1');
  header.writeUInt32LE(52, 13);
  header.writeBigInt64LE(400_000n, 17);
  header.writeBigInt64LE(1n, 25);
  header.writeUInt32LE(1, 33);
  header.writeUInt32LE(100_000, 37);
  header.writeUInt16LE(24, 41);
  header.writeUInt32LE(64, 45);
  header.writeUInt32LE(64, 49);
  const comment = Buffer.from(`METADATA_BLOCK_PICTURE=${coverOf(words).toString('base64')}`);
  const comments = Buffer.concat([
    Buffer.from('\x03vorbis\x01\0\0\0x\x01\0\0\0', 'latin1'),
    Buffer.from(Uint32Array.of(comment.length).buffer),
    comment,
    Buffer.from([1]),
  ]);
  const frame = Buffer.alloc(201, 0x37).fill(8, 0, 1);
  const frames = Array.from({ length: 19 }, (_, index) => ({ flags: index === 18 ? 4 : 0, packet: frame }));
  const packets = [{ flags: 2, packet: header }, { flags: 0, packet: comments }, ...frames];
  return Buffer.concat(
    packets.map(({ flags, packet }, place) => oggPage(flags, Math.max(0, place - 1), place, packet)),
  );
}

function coverOf(type: string): Buffer {
  const number = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
  const zeros = Buffer.alloc(20);
  return Buffer.concat([
    number(3),
    number(type.length),
    Buffer.from(type, 'latin1'),
    zeros,
    number(4),
    Buffer.alloc(4),
  ]);
}

function oggPage(flags: number, granule: number, place: number, packet: Buffer): Buffer {
  const lacing = Buffer.alloc(Math.floor(packet.length / 255) + 1, 255);
  lacing.writeUInt8(packet.length % 255, lacing.length - 1);
  const header = Buffer.alloc(27);
  header.write('OggS');
  header.writeUInt8(flags, 5);
  header.writeBigInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(1, 14);
  header.writeUInt32LE(place, 18);
  header.writeUInt8(lacing.length, 26);
  const page = Buffer.concat([header, lacing, packet]);
  page.writeUInt32LE(oggChecksum(page), 22);
  return page;
}

function oggChecksum(page: Buffer): number {
  let sum = 0;
  for (const byte of page) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0);
  }
  return sum >>> 0;
}
