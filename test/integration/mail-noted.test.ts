/** A Redis that takes nothing at the moment when a mail was sent: it goes out once all the same. */
import { expect, it } from 'vitest';
import { hasAlerts } from '../../shared/ledger/alerts.ts';
import { dueFiles, noteNotified } from '../../shared/ledger/notified.ts';
import { readBatch } from '../../shared/ledger/read.ts';
import { replayUpload } from '../../shared/ledger/replay.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { announceAlerts, announceFinished, announceSettledFile } from '../../shared/queues.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisProcess } from '../support/redis-process.ts';
import { startSmtp } from '../support/smtp.ts';
import { startUsher, type Usher } from '../support/usher.ts';

const within = { within: 8_000 };

/** Redis takes no writes (NOREPLICAS) from when the server has taken the first mail until that could not be noted, twice. */
async function withoutWrites(ask: (usher: Usher) => Promise<void>, noted: (usher: Usher) => Promise<void>) {
  let usher: Usher | undefined;
  await using smtp = await startSmtp({
    beforeAnswer: async () => {
      await usher?.desk.ledger.redis.config('SET', 'min-replicas-to-write', '1');
    },
  });
  await using own = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: 'op@example.org' }, startRedisProcess);
  usher = own;
  await ask(own);
  await own.start();
  const failures = () => own.logged.filter(({ msg }) => msg.includes('could not be noted yet'));
  try {
    await eventually(() => expect(failures().length).toBeGreaterThan(1), within);
  } finally {
    await own.desk.ledger.redis.config('SET', 'min-replicas-to-write', '0');
  }
  await eventually(() => noted(own), within);
  await eventually(async () => expect(await own.desk.notification.getActiveCount()).toBe(0), within);
  expect(await own.desk.notification.getDelayedCount()).toBe(0);
  expect(smtp.mails).toHaveLength(1);
}

it('of a batch', () =>
  withoutWrites(
    async ({ desk, finishBatch }) => {
      await finishBatch('b1');
      await announceFinished(desk.notification, 'b1');
    },
    async ({ desk }) => expect((await readBatch(desk.ledger, 'b1'))?.notifiedAt).toBeDefined(),
  ));

it('of a file', () =>
  withoutWrites(
    async ({ desk, transcode, finishBatch }) => {
      const { ledger } = desk;
      await finishBatch('b1', ['ready', 'failed']);
      await noteNotified(ledger, 'b1');
      await replayUpload(ledger, transcode, { id: 'b1-1', batch: 'b1' });
      const upload = { id: 'b1-1', batch: 'b1', round: 1 };
      const settling = { upload, run: undefined, keepOriginalsDays: 7 };
      await settleUpload(ledger, settling, { state: 'ready', kind: 'video', variants: [] });
      await announceSettledFile(desk.notification, upload);
    },
    async ({ desk }) => expect(await dueFiles(desk.ledger)).toEqual([]),
  ));

it('of the operator', () =>
  withoutWrites(
    async ({ desk, finishBatch }) => {
      await finishBatch('b1', ['failed']);
      await announceAlerts(desk.notification, 0);
    },
    async ({ desk }) => expect(await hasAlerts(desk.ledger)).toBe(false),
  ));
