/** What the usher does again and again without being asked. Each round is safe to repeat and to run twice at once. */
import type { Desk } from './desk.ts';
import { askForDueMails } from './due-mails.ts';
import { expireOriginals } from './expire-originals.ts';
import { sweepFailedMails } from './failed-mails.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The first of each begins at once. A round that fails is logged, and the next one comes all the same. */
export function startRounds(desk: Desk): Disposable {
  const { ledger, notification, config } = desk;
  const rounds = [
    repeat(desk, MINUTE_MS, 'look for mails that are due', async () => {
      await sweepFailedMails(desk);
      await askForDueMails(ledger, notification, config.alertGatherMs);
    }),
    repeat(desk, HOUR_MS, 'remove originals that have expired', () => expireOriginals(desk)),
  ];
  return {
    [Symbol.dispose]() {
      for (const round of rounds) clearInterval(round);
    },
  };
}

function repeat({ log }: Desk, everyMs: number, what: string, act: () => Promise<void>): NodeJS.Timeout {
  let running = false;
  const round = async () => {
    if (running) return;
    running = true;
    await act().catch((error) => log.warn({ err: error }, `could not ${what}`));
    running = false;
  };
  void round();
  return setInterval(round, everyMs);
}
