/** Reading a hostile body: its first bytes are seen before it is stored, and never more of it is read than allowed. */
import { Readable } from 'node:stream';
import { Refusal } from '../../../shared/errors.ts';

export interface OpenedBody {
  /** The first bytes, as many as were asked for or as there are. */
  readonly head: Buffer;
  /** The whole body, head included. Fails with Refusal 413 when it is too long, 400 when it is cut off. */
  readonly stream: Readable;
  /** Bytes that went through the stream so far. */
  readonly bytesRead: () => number;
  /** Must be called when done with it: skips what was not read, so that the next part or the answer can come. */
  release(): Promise<void>;
}

/**
 * Reads the head of a body. The source itself is never destroyed from here: a request must live to be answered, and a
 * refused part of a form must be skipped so that the next one can come.
 * @throws Refusal 400 when the body is cut off within its head.
 */
export async function openBody(source: Readable, headBytes: number, maxBytes: number): Promise<OpenedBody> {
  const chunks: AsyncIterator<Buffer> = source.iterator({ destroyOnReturn: false });
  const next = async () => {
    try {
      const { done, value } = await chunks.next();
      return done ? undefined : value;
    } catch (error) {
      throw new Refusal(400, 'The body was cut off before its end. Send the file again.', { cause: error });
    }
  };

  const read: Buffer[] = [];
  let length = 0;
  let ended = false;
  while (length < headBytes && !ended) {
    const chunk = await next();
    if (chunk === undefined) ended = true;
    else length += read.push(chunk) && chunk.length;
  }
  const first = Buffer.concat(read);

  let bytesRead = 0;
  async function* whole() {
    for (let chunk: Buffer | undefined = first; chunk !== undefined; chunk = ended ? undefined : await next()) {
      bytesRead += chunk.length;
      if (bytesRead > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  }
  return {
    head: first.subarray(0, headBytes),
    stream: Readable.from(whole(), { objectMode: false }),
    bytesRead: () => bytesRead,
    async release() {
      await chunks.return?.();
      source.resume();
    },
  };
}

export const tooLarge = (maxBytes: number) =>
  new Refusal(413, `The file is larger than ${maxBytes} bytes, the most this server takes. Send a smaller one.`);
