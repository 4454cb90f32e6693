/** Dead letters: what failed for good on its queue, kept for the operator. */
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const drop = loadScript(new URL('./drop-dead-letter.lua', import.meta.url), 3);

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
export async function deadLetterIds(ledger: Ledger): Promise<string[]> {
  return ledger.redis.zrange(ledgerKey.deadLetters, 0, -1);
}

/** The oldest first. */
export async function readDeadLetters(ledger: Ledger): Promise<DeadLetter[]> {
  const ids = await deadLetterIds(ledger);
  const found = await Promise.all(ids.map((id) => readDeadLetter(ledger, id)));
  return found.filter((letter) => letter !== undefined);
}

/** How many wait for their last try or are trying it, and how many are kept for the operator. */
export async function countDeadLetters(
  ledger: Ledger,
): Promise<{ readonly waiting: number; readonly discarded: number }> {
  const ids = await ledger.redis.zrange(ledgerKey.deadLetters, 0, -1);
  const pipeline = ledger.redis.pipeline();
  for (const id of ids) pipeline.hget(ledgerKey.deadLetter(id), 'state');
  const states = ((await pipeline.exec()) ?? []).map(([error, state]) => {
    if (error) throw error;
    return state;
  });
  const discarded = states.filter((state) => state === 'discarded').length;
  return { waiting: states.length - discarded, discarded };
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

/**
 * The operator needs it no longer. An upload that has failed stays failed. Repeating it changes nothing.
 * @returns `last-try` when it has to stay, because its last try is still to come or runs.
 */
export async function dropDeadLetter(ledger: Ledger, id: string): Promise<'dropped' | 'last-try'> {
  const keys = [ledgerKey.deadLetter(id), ledgerKey.deadLetters, ledgerKey.alerts];
  return z.enum(['dropped', 'last-try']).parse(await runScript(ledger, drop, keys, [id]));
}
