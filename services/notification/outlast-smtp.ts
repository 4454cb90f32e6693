/** Waiting in place for an SMTP server that is away: it costs no attempt. */
import { setTimeout as pause } from 'node:timers/promises';
import { Undelivered } from './deliver.ts';
import type { Turn } from './desk.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/** Does the work, which must bear to be repeated, until the server is there. @throws the signal's reason when aborted. */
export async function outlastSmtp(work: () => Promise<void>, { signal, log }: Turn): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Undelivered) || error.failure.outcome !== 'away') throw error;
      signal.throwIfAborted();
      const { detail, needsOperator } = error.failure;
      if (needsOperator)
        log.error({ pauseMs }, `no mail can be sent until SMTP_URL and MAIL_FROM are right: ${detail}`);
      else log.warn({ pauseMs }, `waiting for the SMTP server: ${detail}`);
      await pause(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
