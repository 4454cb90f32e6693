/** What of a body has gone through: how many bytes, and their CRC-32, which S3 gives back for what it has stored. */
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { StorageError } from '../errors.ts';

export class Measured {
  /** Whether the body itself failed, or was not as long as announced: nobody else is to blame then. */
  broken = false;
  #bytes = 0;
  #crc = 0;
  readonly #key: string;
  readonly #announced: number | undefined;

  constructor(key: string, announced: number | undefined) {
    this.#key = key;
    this.#announced = announced;
  }

  /** As in the `x-amz-checksum-crc32` header: big-endian, base64. */
  get crc32(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc);
    return bytes.toString('base64');
  }

  /** The body's own bytes; ends with its error, or with StorageError `refused` when it is longer or shorter than announced. */
  async *through(body: Readable): AsyncGenerator<Buffer> {
    const announced = this.#announced;
    try {
      for await (const piece of body as AsyncIterable<Buffer | string>) {
        const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
        this.#bytes += chunk.length;
        this.#crc = crc32(chunk, this.#crc);
        if (announced !== undefined && this.#bytes > announced) throw this.#wrongLength();
        yield chunk;
      }
      if (announced !== undefined && this.#bytes < announced) throw this.#wrongLength();
    } catch (error) {
      this.broken = true;
      throw error;
    }
  }

  #wrongLength(): StorageError {
    return new StorageError(
      'refused',
      `storage: ${this.#key}: ${this.#announced} bytes were announced, ${this.#bytes} came`,
    );
  }
}
