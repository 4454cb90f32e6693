/** A stored body fails in the house's words, also when it breaks off in the middle. */
import { PassThrough, pipeline, type Readable } from 'node:stream';
import type { StorageError } from '../errors.ts';

/** The same bytes; an error of the body comes out as what `translate` makes of it. */
export function withErrors(body: Readable, translate: (error: Error) => StorageError): Readable {
  const translated = new PassThrough({
    destroy: (error, done) => done(error && translate(error)),
  });
  pipeline(body, translated, () => {});
  return translated;
}
