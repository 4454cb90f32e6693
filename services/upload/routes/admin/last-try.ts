/** The job of a dead letter's last try: kept in its queue for as long as the dead letter is. */
import type { DeadLetter } from '../../../../shared/ledger/dead-letters.ts';
import { lastTryJobId } from '../../../../shared/queues.ts';
import type { Door } from '../../door.ts';

export async function removeLastTry({ deadLetter }: Door, letter: DeadLetter): Promise<void> {
  if (letter.kind !== 'render') return;
  const { batch, upload, round } = letter;
  await deadLetter.remove(lastTryJobId({ batch, id: upload, round }));
}
