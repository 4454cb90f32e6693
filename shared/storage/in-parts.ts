/** Cuts a body into pieces of one size. */

export interface Part {
  /** Valid until the next part is asked for: one buffer serves them all. */
  readonly bytes: Buffer;
  /** A last part may be shorter, and is empty only if the body was. */
  readonly isLast: boolean;
}

export async function* inParts(body: AsyncIterable<Buffer>, partBytes: number): AsyncGenerator<Part> {
  const buffer = Buffer.allocUnsafeSlow(partBytes);
  let filled = 0;
  for await (const chunk of body) {
    for (let taken = 0; taken < chunk.length; ) {
      // Only now is it known that the full buffer was not the last.
      if (filled === partBytes) {
        yield { bytes: buffer, isLast: false };
        filled = 0;
      }
      const copied = chunk.copy(buffer, filled, taken);
      taken += copied;
      filled += copied;
    }
  }
  yield { bytes: buffer.subarray(0, filled), isLast: true };
}
