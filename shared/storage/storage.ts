/** The one way to objects. Two drivers implement it, `disk` and `s3`; one contract test runs on both. */
import type { Readable } from 'node:stream';

/** The first segment of every key (keys.ts). */
export type Room = 'originals' | 'records' | 'media';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** First and last byte, both included, counted from 0, as in an HTTP range. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ObjectAbout {
  readonly contentType: string;
  /** Length of the body where it is known beforehand; a body of another length is refused and leaves nothing. */
  readonly bytes?: number;
  /** Bytes that a body of unknown length will not exceed, where that is known. */
  readonly atMost?: number;
  /** Breaks the writing off; nothing is left then. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every method throws `StorageError` and nothing else, but for the reason of a signal that it was given.
 * Keys are relative paths of `[A-Za-z0-9._-]` segments (see keys.ts).
 */
export interface Storage {
  /** Stores the whole body or nothing: when it fails or its source fails, no object is left. Replaces what was there. */
  write(key: string, body: Readable, about: ObjectAbout): Promise<void>;
  /**
   * Stores a small object if the key is free. One whose signal came may be stored all the same.
   * @returns false when something is there already, which stays as it was.
   */
  createIfAbsent(key: string, body: string, about: Pick<ObjectAbout, 'contentType' | 'signal'>): Promise<boolean>;
  /** The object's bytes, or a part of them. `not-found` is thrown before anything is read; the stream, too, fails with StorageError. */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** undefined when there is no such object. */
  stat(key: string): Promise<StoredObject | undefined>;
  /** Objects whose key starts with the prefix, sorted by key. */
  list(prefix: `${Room}/${string}`): AsyncIterable<StoredObject>;
  /** Removing what is not there is no error. */
  remove(key: string): Promise<void>;
  /**
   * A URL from which anyone can GET the object for so long; undefined where the driver has no server of its own.
   * @param contentDisposition header (RFC 6266) that the answer will have.
   */
  signedUrl(key: string, lifetimeSeconds: number, contentDisposition?: string): Promise<string | undefined>;
  /**
   * Removes what is left of objects whose writer died: half-written ones in which nothing has happened since then.
   * @returns how many there were.
   */
  removeUnfinished(before: Date): Promise<number>;
  /** Room for more objects; undefined where the store cannot say. */
  freeBytes(): Promise<number | undefined>;
  /** Resolves when the store answers and would take a write. */
  check(): Promise<void>;
  close(): void;
}
