/** Forgetting batches that finished long ago. */
import { mailLetterId } from './instructor-mail.ts';
import { ledgerKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { readBatch } from './read.ts';
import { redisTime } from './time.ts';

/** The oldest first. One of which a file is being rendered again is left alone. */
export async function finishedBatchesBefore(ledger: Ledger, beforeMs: number): Promise<string[]> {
  const until = (await redisTime(ledger)) - beforeMs;
  const ids = await ledger.redis.zrange(ledgerKey.finished, 0, until, 'BYSCORE');
  const quiet = await Promise.all(
    ids.map(async (id) => {
      const batch = await readBatch(ledger, id);
      return batch?.uploads.every(({ state }) => state === 'ready' || state === 'failed') ?? true;
    }),
  );
  return ids.filter((_, index) => quiet[index]);
}

/** Removes all that the ledger has of a batch. Safe to repeat; the entry by which it is found goes with the rest. */
export async function forgetBatch(ledger: Ledger, id: string): Promise<void> {
  const batch = await readBatch(ledger, id);
  const transaction = ledger.redis.multi();
  for (const upload of batch?.uploads ?? []) {
    transaction.del(ledgerKey.upload(upload.id), ledgerKey.deadLetter(upload.id));
    for (const index of [ledgerKey.expiring, ledgerKey.deadLetters, ledgerKey.alerts])
      transaction.zrem(index, upload.id);
    transaction.zrem(ledgerKey.dueFiles, `${upload.id}/${upload.round}`);
    for (let round = 1; round <= upload.round; round++) {
      const letter = mailLetterId({ batch: id, file: { id: upload.id, round } });
      transaction.del(ledgerKey.deadLetter(letter));
      for (const index of [ledgerKey.deadLetters, ledgerKey.alerts]) transaction.zrem(index, letter);
    }
    if (upload.idempotency !== undefined) transaction.del(ledgerKey.idempotency(upload.idempotency));
  }
  if (batch?.idempotency !== undefined) transaction.del(ledgerKey.idempotency(batch.idempotency));
  const mail = mailLetterId({ batch: id });
  transaction.del(ledgerKey.batch(id), ledgerKey.uploads(id), ledgerKey.pending(id), ledgerKey.deadLetter(mail));
  for (const index of [ledgerKey.deadLetters, ledgerKey.alerts]) transaction.zrem(index, mail);
  for (const index of [ledgerKey.finished, ledgerKey.due]) transaction.zrem(index, id);
  await transaction.exec();
}
