/** Mails that cannot be sent become dead letters, of which the operator is told; and what the operator can do about them. */
import { describe, expect, it } from 'vitest';
import { sweepFailedMails } from '../../services/notification/failed-mails.ts';
import { hasAlerts } from '../../shared/ledger/alerts.ts';
import { dropDeadLetter, readDeadLetter, readDeadLetters } from '../../shared/ledger/dead-letters.ts';
import { forgetBatch } from '../../shared/ledger/forget.ts';
import { dueBatches, dueFiles, noteNotified } from '../../shared/ledger/notified.ts';
import { readBatch } from '../../shared/ledger/read.ts';
import { replayUpload } from '../../shared/ledger/replay.ts';
import { resendBatchMail, resendMail } from '../../shared/ledger/resend-mail.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { announceFinished, announceSettledFile, mailJobId } from '../../shared/queues.ts';
import { eventually } from '../support/eventually.ts';
import { reply, type SmtpManners, startSmtp, type TakenMail } from '../support/smtp.ts';
import { listKeys } from '../support/stored.ts';
import { startUsher, type Usher } from '../support/usher.ts';

const within = { within: 8_000 };
const operator = 'operator@example.org';

/** Answers to the addresses that begin with `no` and `full`; the others get their mail. */
const manners: SmtpManners = {
  onRcptTo: ({ address }, _session, answer) => {
    if (address.startsWith('no')) answer(reply(550, 'no such user'));
    else answer(address.startsWith('full') ? reply(452, 'mailbox full') : undefined);
  },
};

/** Asked for with few tries, soon after each other. */
const announceBriefly = ({ desk }: Usher, batch: string) =>
  desk.notification.add(
    'batch-finished',
    { version: 1, batch },
    {
      jobId: mailJobId({ batch }),
      priority: 1,
      attempts: 2,
      backoff: { type: 'fixed', delay: 50 },
      removeOnFail: false,
    },
  );

/** What is left when the process died just after BullMQ had failed the job, or BullMQ itself failed it. */
async function failJob({ desk }: Usher, id: string, reason: string) {
  const { notification, ledger } = desk;
  const job = await notification.getJob(id);
  await ledger.redis.zrem(notification.toKey('prioritized'), id);
  await ledger.redis.lpush(notification.toKey('active'), id);
  await ledger.redis.set(notification.toKey(`${id}:lock`), 'token');
  await job?.moveToFailed(Object.assign(new Error(reason), { name: 'UnrecoverableError' }), 'token', false);
  expect(await job?.getState()).toBe('failed');
}

const letterOf = ({ desk }: Usher, id: string) =>
  eventually(async () => {
    const letter = await readDeadLetter(desk.ledger, id);
    if (!letter) throw new Error(`no dead letter ${id}`);
    return letter;
  }, within);

const taken = (mails: readonly TakenMail[], to: string) => mails.filter((mail) => mail.to === to);

describe('a mail that cannot be sent', () => {
  it('is a dead letter when its address is refused, and the operator is told', async () => {
    await using smtp = await startSmtp(manners);
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    const { ledger, notification, storage } = usher.desk;
    await usher.finishBatch('no');
    await announceFinished(notification, 'no');
    await usher.start();
    const letter = await letterOf(usher, 'mail-no');
    expect(letter).toMatchObject({
      kind: 'mail',
      state: 'discarded',
      batch: 'no',
      to: 'no@example.org',
      attempts: 1,
      reason: expect.stringContaining('no such user'),
    });
    await eventually(() => expect(taken(smtp.mails, operator)).toHaveLength(1), within);
    const parsed = taken(smtp.mails, operator)[0]?.parsed;
    expect(parsed?.subject).toBe('1 mail could not be sent');
    expect(parsed?.text).toContain('The mail to no@example.org');
    expect(parsed?.text).toContain('http://media.example.org/admin/dead-letters/mail-no');
    expect(await dueBatches(ledger)).toEqual([]);
    expect((await readBatch(ledger, 'no'))?.refusedAt).toBe(letter.at);
    expect((await readBatch(ledger, 'no'))?.notifiedAt).toBeUndefined();
    expect(await (await notification.getJob('notify-no'))?.isFailed()).toBe(true);
    await eventually(
      async () => expect(await listKeys(storage, 'records/no/')).toEqual(['records/no/notified.json']),
      within,
    );
    expect(await usher.counted('mails:refused')).toBe(1);
    expect(usher.logged).toContainEqual(
      expect.objectContaining({
        level: 50,
        job: 'notify-no',
        batch: 'no',
        msg: expect.stringContaining('dead letter'),
      }),
    );
    expect(await sweepFailedMails(usher.desk)).toBe(0);
  });

  it('is one after its last attempt', async () => {
    await using smtp = await startSmtp(manners);
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    await usher.finishBatch('full');
    await announceBriefly(usher, 'full');
    await usher.start();
    const letter = await letterOf(usher, 'mail-full');
    expect(letter).toMatchObject({ attempts: 2, reason: expect.stringContaining('mailbox full') });
    await eventually(() => expect(taken(smtp.mails, operator)).toHaveLength(1), within);
    expect(await usher.counted('mails:failed-tries')).toBe(2);
    expect(await usher.desk.notification.getFailedCount()).toBe(1);
  });

  it('is one of its own when it is about a replayed file', async () => {
    await using smtp = await startSmtp(manners);
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    const { ledger, notification } = usher.desk;
    const failed = { state: 'failed', reason: 'It is cut off.' } as const;
    await usher.finishBatch('no', ['failed']);
    await noteNotified(ledger, 'no');
    await replayUpload(ledger, usher.transcode, { id: 'no-0', batch: 'no' });
    const upload = { id: 'no-0', batch: 'no', round: 1 };
    await settleUpload(ledger, { upload, run: undefined, keepOriginalsDays: 7 }, failed);
    await announceSettledFile(notification, upload);
    await usher.start();
    expect(await letterOf(usher, 'mail-no-0-1')).toMatchObject({ kind: 'mail', upload: 'no-0', round: 1, batch: 'no' });
    expect(await dueFiles(ledger)).toEqual([]);
    expect((await readBatch(ledger, 'no'))?.refusedAt).toBeUndefined();

    expect(await resendMail(ledger, notification, { batch: 'no', file: { id: 'no-0', round: 1 } })).toBe(true);
    await eventually(async () => expect(await usher.counted('mails:refused')).toBe(2), within);
    expect(await letterOf(usher, 'mail-no-0-1')).toMatchObject({ kind: 'mail' });
    await forgetBatch(ledger, 'no');
    expect(await readDeadLetters(ledger)).toEqual([]);
  });

  it('is one, too, when its payload is right and the queue itself has failed it; by any number of sweepers', async () => {
    await using usher = await startUsher({ SMTP_URL: 'smtp://127.0.0.1:1' });
    const { ledger, notification } = usher.desk;
    await usher.finishBatch('b1');
    await announceFinished(notification, 'b1');
    await failJob(usher, 'notify-b1', 'job stalled more than allowable limit');
    const swept = await Promise.all([1, 2, 3].map(() => sweepFailedMails(usher.desk)));
    expect(swept.toSorted()).toEqual([0, 0, 1]);
    expect(await readDeadLetter(ledger, 'mail-b1')).toMatchObject({ reason: expect.stringContaining('died') });
    expect(await hasAlerts(ledger)).toBe(true);
    expect(await (await notification.getJob('alert-operator'))?.getState()).toBeDefined();
    expect(await usher.counted('mails:refused')).toBe(1);
  });
});

describe('the sweeper', () => {
  it('leaves alone what has been sent, and what is not failed any more', async () => {
    await using usher = await startUsher({ SMTP_URL: 'smtp://127.0.0.1:1' });
    const { ledger, notification } = usher.desk;
    for (const batch of ['sent', 'again']) {
      await usher.finishBatch(batch);
      await announceFinished(notification, batch);
      await failJob(usher, `notify-${batch}`, 'gone');
    }
    await noteNotified(ledger, 'sent');
    // Its job was read as a failed one, and is taken up again before the sweeper comes to it.
    const failed = await notification.getFailed();
    await (await notification.getJob('notify-again'))?.retry('failed');
    const late = Object.assign(Object.create(notification), { getFailed: async () => failed });
    expect(await sweepFailedMails({ ...usher.desk, notification: late })).toBe(0);
    expect(await readDeadLetters(ledger)).toEqual([]);
    expect(await dueBatches(ledger)).toEqual(['again']);
    expect(await notification.getJob('notify-sent')).toBeUndefined();
    expect(await (await notification.getJob('notify-again'))?.getState()).toBe('prioritized');
  });

  it('keeps the failed job as long as there is a dead letter of it', async () => {
    await using usher = await startUsher({ SMTP_URL: 'smtp://127.0.0.1:1' });
    const { ledger, notification } = usher.desk;
    await usher.finishBatch('b1');
    await announceFinished(notification, 'b1');
    await failJob(usher, 'notify-b1', 'gone');
    await sweepFailedMails(usher.desk);
    await sweepFailedMails(usher.desk);
    expect(await notification.getJob('notify-b1')).toBeDefined();
    await dropDeadLetter(ledger, 'mail-b1');
    expect(await hasAlerts(ledger)).toBe(false);
    await sweepFailedMails(usher.desk);
    expect(await notification.getJob('notify-b1')).toBeUndefined();
    expect(await readDeadLetter(ledger, 'mail-b1')).toBeUndefined();
  });
});

describe('resending a mail that is a dead letter', () => {
  it('sends it once, however often it is asked for', async () => {
    let refuses = true;
    await using smtp = await startSmtp({
      onRcptTo: (_address, _session, answer) => answer(refuses ? reply(550, 'no such user') : undefined),
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    const { ledger, notification } = usher.desk;
    await usher.finishBatch('b1');
    await announceFinished(notification, 'b1');
    await usher.start();
    await letterOf(usher, 'mail-b1');
    refuses = false;
    const asked = await Promise.all([1, 2, 3].map(() => resendBatchMail(ledger, notification, 'b1')));
    expect(asked).toContain(true);
    await eventually(async () => expect((await readBatch(ledger, 'b1'))?.notifiedAt).toBeDefined(), within);
    expect(await resendBatchMail(ledger, notification, 'b1')).toBe(false);
    expect(smtp.mails.map(({ parsed }) => parsed.messageId)).toEqual(['<batch-b1@media.example.org>']);
    expect(await readDeadLetters(ledger)).toEqual([]);
    expect((await readBatch(ledger, 'b1'))?.refusedAt).toBeUndefined();
  });

  it('is not for a mail that never became one', async () => {
    await using usher = await startUsher({ SMTP_URL: 'smtp://127.0.0.1:1' });
    const { ledger, notification } = usher.desk;
    await usher.finishBatch('b1');
    await noteNotified(ledger, 'b1');
    expect(await resendBatchMail(ledger, notification, 'b1')).toBe(false);
    expect(await notification.getJobCounts()).toMatchObject({ prioritized: 0, waiting: 0 });
    expect(await dueBatches(ledger)).toEqual([]);
  });
});
