/** A body that must be as long as it was announced. */
import { Transform } from 'node:stream';
import { StorageError, type StorageTrouble } from '../errors.ts';

/** Passes bytes on and fails as soon as there are too many, or at the end when there are too few. @param trouble what that is. */
export function exactLength(key: string, announced: number, trouble: StorageTrouble = 'refused'): Transform {
  let seen = 0;
  const wrong = () => new StorageError(trouble, `${key}: ${announced} bytes were announced, ${seen} came`);
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
