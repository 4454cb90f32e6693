/** What has gone through: how many bytes, and their CRC-32, which S3 gives back for what it has stored. */
import { crc32 } from 'node:zlib';

export class Measured {
  bytes = 0;
  #crc = 0;

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#crc = crc32(chunk, this.#crc);
  }

  /** As in the `x-amz-checksum-crc32` header: big-endian, base64. */
  get crc32(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc);
    return bytes.toString('base64');
  }
}
