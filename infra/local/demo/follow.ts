/** Asks the API how the batch is doing until it is finished and its instructor has been told. */

import { pause } from '../pause.ts';
import { type Api, ServiceAway } from './api.ts';
import type { BatchView } from './views.ts';

const ASK_EVERY_MS = 250;
/** An SMTP server that is away may stay away; the batch itself is done. */
const MAIL_WITHIN_MS = 60_000;

/**
 * @param onNews told whatever the API says, as long as it goes on.
 * @returns the batch at its end; without `notifiedAt` if nobody could be told within a minute.
 * @throws the signal's reason when that is aborted.
 */
export async function follow(
  api: Api,
  batch: string,
  onNews: (batch: BatchView) => void,
  signal: AbortSignal,
): Promise<BatchView> {
  let mailUntil = Number.POSITIVE_INFINITY;
  for (;;) {
    const now = await api.readBatch(batch).catch((error: unknown) => {
      if (error instanceof ServiceAway) return undefined;
      throw error;
    });
    if (now) onNews(now);
    if (now?.state === 'finished') {
      mailUntil = Math.min(mailUntil, performance.now() + MAIL_WITHIN_MS);
      if (now.notifiedAt !== undefined || performance.now() >= mailUntil) return now;
    }
    await pause(ASK_EVERY_MS, signal);
  }
}
