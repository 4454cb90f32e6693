/** A body that must be as long as it was announced. */
import { Transform } from 'node:stream';
import { StorageError } from '../errors.ts';

/** Passes bytes on and fails as soon as there are too many, or at the end when there are too few. */
export function exactLength(key: string, announced: number): Transform {
  let seen = 0;
  const wrong = () => new StorageError('refused', `${key}: ${announced} bytes were announced, ${seen} came`);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      done(seen > announced ? wrong() : null, chunk);
    },
    flush(done) {
      done(seen === announced ? null : wrong());
    },
  });
}
