/** Noting that a mail was sent: a job that fails here would send it again, so a Redis that takes nothing is asked until it does. */
import { setTimeout as pause } from 'node:timers/promises';
import { redisTrouble } from '../../shared/redis-trouble.ts';
import type { Turn } from './desk.ts';

const AGAIN_AFTER_MS = 500;

/** @param note must bear to be repeated. @throws what it throws of anything else; the signal's reason when aborted. */
export async function noteSent(note: () => Promise<unknown>, { signal, log }: Turn): Promise<void> {
  for (;;) {
    try {
      await note();
      return;
    } catch (error) {
      if (!(error instanceof Error) || redisTrouble(error) === undefined) throw error;
      log.warn({ err: error }, `that the mail was sent could not be noted yet: ${error.message}`);
      await pause(AGAIN_AFTER_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
