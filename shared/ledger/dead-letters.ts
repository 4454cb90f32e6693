/** Dead letters: what failed for good on its queue, kept for the operator. */
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

const number = z.coerce.number();

const common = {
  version: z.literal('1'),
  batch: z.string(),
  reason: z.string(),
  attempts: number,
  /** When it became a dead letter, ms since 1970. */
  at: number,
};

const entry = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('render'),
    /** `waiting` for its last try, `trying` it, or `discarded`: its upload has failed. */
    state: z.enum(['waiting', 'trying', 'discarded']),
    upload: z.string(),
    round: number,
    /** What ffmpeg or libvips said last. */
    toolOutput: z.string().default(''),
    /** Id of the job that failed on the main queue; absent where nobody knows it any more. */
    job: z.string().optional(),
  }),
  /** A mail that could not be sent. */
  z.object({
    ...common,
    kind: z.literal('mail'),
    state: z.literal('discarded'),
    to: z.string(),
    /** With `round`: of the mail about one file that was replayed after its batch had finished. */
    upload: z.string().optional(),
    round: number.optional(),
  }),
]);

/** `id` is the upload's for a render; `mail-<batch>`, or `mail-<upload>-<round>` about one file, for a mail. */
export type DeadLetter = z.infer<typeof entry> & { readonly id: string };

/** The oldest first. */
export async function readDeadLetters(ledger: Ledger): Promise<DeadLetter[]> {
  const ids = await ledger.redis.zrange(ledgerKey.deadLetters, 0, -1);
  const found = await Promise.all(ids.map((id) => readDeadLetter(ledger, id)));
  return found.filter((letter) => letter !== undefined);
}

/** undefined when there is none of this id. */
export async function readDeadLetter(ledger: Ledger, id: string): Promise<DeadLetter | undefined> {
  const fields = await ledger.redis.hgetall(ledgerKey.deadLetter(id));
  return Object.keys(fields).length === 0 ? undefined : { id, ...entry.parse(fields) };
}

/** undefined when the upload is no dead letter, or its tool said nothing. */
export async function readToolOutput(ledger: Ledger, upload: string): Promise<string | undefined> {
  return (await ledger.redis.hget(ledgerKey.deadLetter(upload), 'toolOutput')) || undefined;
}

/** The operator needs it no longer. An upload that has failed stays failed. */
export async function dropDeadLetter(ledger: Ledger, id: string): Promise<void> {
  await ledger.redis
    .multi()
    .del(ledgerKey.deadLetter(id))
    .zrem(ledgerKey.deadLetters, id)
    .zrem(ledgerKey.alerts, id)
    .exec();
}
