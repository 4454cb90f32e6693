/** Redis keys of the ledger. One hash slot for all, so that a script or transaction may touch any of them. */
import { createHash } from 'node:crypto';
import { KEY_PREFIX } from '../redis.ts';

const key = (...parts: string[]) => [KEY_PREFIX, 'ledger', ...parts].join(':');

export const ledgerKey = {
  /** Counter: the last sequence given. */
  sequence: key('sequence'),
  /** Sorted set of uploads that wait to be rendered, by sequence: the one upload order of the house. */
  queued: key('queued'),
  /** Sorted set of finished batches whose mail is due, by the time they finished. */
  due: key('due'),
  /** Sorted set of settled uploads whose original is still kept, by the time it expires. */
  expiring: key('expiring'),
  /** Hash. */
  batch: (batch: string) => key('batch', batch),
  /** Sorted set of a batch's uploads, by sequence. */
  uploads: (batch: string) => key('batch', batch, 'uploads'),
  /** Set of a batch's uploads that have not settled. */
  pending: (batch: string) => key('batch', batch, 'pending'),
  /** Hash. */
  upload: (upload: string) => key('upload', upload),
  /** What a request with an Idempotency-Key made: an id. Hashed, because the client chooses the key. */
  idempotency: (request: string) => key('idempotency', createHash('sha256').update(request).digest('hex')),
};
