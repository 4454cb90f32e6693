/** Redis keys of the ledger. One hash slot for all, so that a script or transaction may touch any of them. */
import { createHash } from 'node:crypto';
import { KEY_PREFIX } from '../redis.ts';

const key = (...parts: string[]) => [KEY_PREFIX, 'ledger', ...parts].join(':');

export const ledgerKey = {
  /** Says that this ledger is whole. It is missing from a Redis that has lost everything, until that was recovered. */
  epoch: key('epoch'),
  /** Held by the one process that recovers the ledger. */
  recovering: key('recovering'),
  /** Counter: the last sequence given. */
  sequence: key('sequence'),
  /** Sorted set of uploads that wait to be rendered, by their place: the one upload order of the house. */
  queued: key('queued'),
  /** Sorted set of uploads that have not settled, by sequence. */
  unsettled: key('unsettled'),
  /** Sorted set of open batches, by the time something happened in them last. */
  open: key('open'),
  /** Sorted set of batches that are being received, by the last sign of it: their originals are not stray. */
  receiving: key('receiving'),
  /** Sorted set of finished batches, by the time they finished. */
  finished: key('finished'),
  /** Sorted set of finished batches whose mail is due, by the time they finished. */
  due: key('due'),
  /** Sorted set of `<upload>/<round>`, replayed and settled after their batch had finished, whose mail is due. */
  dueFiles: key('due-files'),
  /** Sorted set of settled uploads whose original is still kept, by the time it expires. */
  expiring: key('expiring'),
  /** Sorted set of what the bucket has no record of yet (unrecorded.ts), by the time it happened. */
  unrecorded: key('unrecorded'),
  /** Sorted set of attempts whose outputs are being stored (attempts.ts), by the time that began. */
  attempts: key('attempts'),
  /** Sorted set of dead letters, by the time they became so. */
  deadLetters: key('dead-letters'),
  /** Hash. */
  deadLetter: (id: string) => key('dead-letter', id),
  /** Sorted set of what the operator has still to be told (alerts.ts), by the time it happened. */
  alerts: key('alerts'),
  /** Hash: the alerts that a mail on its way names. */
  alerting: key('alerting'),
  /** Sorted set of render slots in use: holder, by the time its lease ends. */
  slots: key('slots'),
  /** Sorted set of those who wait for a slot, by rank; and by the time their wish lapses. */
  slotWaiters: key('slots', 'waiting'),
  slotWishes: key('slots', 'wishes'),
  /** Hash: a number for each thing counted (counters.ts). */
  counters: key('counters'),
  /** List: the uploads settled last, the newest first, as JSON. */
  recent: key('recent'),
  /** Hash: what each transcoder said of itself last, as JSON. */
  transcoders: key('transcoders'),
  /** Hash: the state of the house that the operator was told last. */
  health: key('health'),
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
