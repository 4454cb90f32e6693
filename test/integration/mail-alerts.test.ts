/** The operator's mails: gathered, before the instructors', and the same mail when it has to be sent again. */
import { describe, expect, it } from 'vitest';
import { askForDueMails } from '../../services/notification/due-mails.ts';
import { claimAlerts, hasAlerts, noteAlerted } from '../../shared/ledger/alerts.ts';
import { dropDeadLetter } from '../../shared/ledger/dead-letters.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { replayUpload } from '../../shared/ledger/replay.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { announceAlerts, announceFinished } from '../../shared/queues.ts';
import { eventually } from '../support/eventually.ts';
import { reply, startSmtp } from '../support/smtp.ts';
import { startUsher, type Usher } from '../support/usher.ts';

const within = { within: 8_000 };
const operator = 'operator@example.org';
const failures = (count: number) => Array<'failed'>(count).fill('failed');

const allTold = ({ desk }: Usher) =>
  eventually(async () => {
    expect(await hasAlerts(desk.ledger)).toBe(false);
    expect(await desk.notification.getJob('alert-operator')).toBeUndefined();
  }, within);

describe('alerts', () => {
  it('of forty failures that come one after the other are one mail', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    await usher.start();
    for (let batch = 0; batch < 4; batch++) {
      await usher.finishBatch(`b${batch}`, failures(10));
      for (let asked = 0; asked < 10; asked++) await announceAlerts(usher.desk.notification, 700);
    }
    await allTold(usher);
    expect(smtp.mails.map(({ to, parsed }) => [to, parsed.subject])).toEqual([
      [operator, '40 files could not be rendered'],
    ]);
    const text = smtp.mails[0]?.parsed.text ?? '';
    expect(text).toContain(`1. b0-0.mp4
   The file is cut off.
   Batch:    Title of b0 (b0)
   Upload:   b0-0
   Attempts: 0
   | moov atom
   | not found
   http://media.example.org/admin/dead-letters/b0-0
`);
    expect(text).toContain('http://media.example.org/admin/dead-letters/b3-9\n');
    expect(smtp.mails[0]?.parsed.messageId).toMatch(/^<alert-[0-9a-f-]{36}@media\.example\.org>$/);
    expect(await usher.counted('mails:alerts')).toBe(1);
  });

  it('go before the mails of batches that wait', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator, MAILS_PER_SECOND: '1' });
    await usher.finishBatch('b1', failures(1));
    await usher.finishBatch('b2');
    for (const batch of ['b1', 'b2']) await announceFinished(usher.desk.notification, batch);
    await announceAlerts(usher.desk.notification, 0);
    await usher.start();
    await eventually(() => expect(smtp.mails).toHaveLength(2), within);
    expect(smtp.mails.map(({ to }) => to)).toEqual([operator, 'b1@example.org']);
  });

  it('that come while the mail is on its way are asked for afterwards', async () => {
    await using smtp = await startSmtp({
      beforeAnswer: async () => {
        if (smtp.mails.length > 1) return;
        await usher.finishBatch('late', failures(2));
        await announceAlerts(usher.desk.notification, 0);
      },
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    await usher.finishBatch('b1', failures(1));
    await announceAlerts(usher.desk.notification, 0);
    await usher.start();
    await eventually(() => expect(smtp.mails).toHaveLength(2), within);
    expect(smtp.mails.map(({ parsed }) => parsed.subject)).toEqual([
      '1 file could not be rendered',
      '2 files could not be rendered',
    ]);
  });

  it('are the same mail when the process died before it was noted that they were sent', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    const { ledger } = usher.desk;
    await usher.finishBatch('b1', failures(2));
    const claim = await claimAlerts(ledger);
    await usher.finishBatch('b2', failures(3));
    expect(await claimAlerts(ledger)).toEqual(claim);
    expect(claim?.members).toEqual(['b1-0', 'b1-1']);

    await askForDueMails(usher.desk);
    await usher.start();
    await eventually(() => expect(smtp.mails).toHaveLength(4), within);
    const alerts = smtp.mails
      .filter(({ to }) => to === operator)
      .map(({ parsed }) => [parsed.subject, parsed.messageId]);
    expect(alerts).toEqual([
      ['2 files could not be rendered', `<alert-${claim?.id}@media.example.org>`],
      ['3 files could not be rendered', expect.not.stringContaining(claim?.id ?? '')],
    ]);
  });

  it('wait in place for the SMTP server, and outlive a try that fails', async () => {
    let tries = 0;
    await using smtp = await startSmtp({
      onMailFrom: (_address, _session, answer) => answer(tries++ === 0 ? reply(451, 'busy') : undefined),
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    await usher.finishBatch('b1', failures(1));
    await announceAlerts(usher.desk.notification, 0);
    await usher.start();
    await allTold(usher);
    expect(smtp.mails).toHaveLength(1);
    expect(await usher.counted('mails:failed-tries')).toBe(0);
  });

  it('say nothing of what was replayed or dropped before they were sent', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    const { ledger, notification } = usher.desk;
    await usher.finishBatch('b1', failures(3));
    await claimAlerts(ledger);
    await replayUpload(ledger, usher.transcode, { id: 'b1-0', batch: 'b1' });
    await dropDeadLetter(ledger, 'b1-1');
    await announceAlerts(notification, 0);
    await usher.start();
    await allTold(usher);
    expect(smtp.mails.map(({ parsed }) => parsed.subject)).toEqual(['1 file could not be rendered']);

    await usher.finishBatch('b2', failures(1));
    await claimAlerts(ledger);
    await dropDeadLetter(ledger, 'b2-0');
    await announceAlerts(notification, 0);
    await allTold(usher);
    expect(smtp.mails).toHaveLength(1);
  });

  it('tell of a change of the house, and why', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    const { ledger, notification } = usher.desk;
    await ledger.redis.hset(ledgerKey.health, 'reasons', JSON.stringify(['1200 files wait', '<b>']));
    await ledger.redis.zadd(ledgerKey.alerts, 1, 'health:ok:critical');
    await usher.finishBatch('b1', failures(1));
    await announceAlerts(notification, 0);
    await usher.start();
    await allTold(usher);
    expect(smtp.mails[0]?.parsed.subject).toBe('Projectionist is critical, 1 file could not be rendered');
    expect(smtp.mails[0]?.parsed.text).toContain('It was ok, it is critical now.\n- 1200 files wait\n- <b>\n');
    expect(smtp.mails[0]?.parsed.html).toContain('&#60;b&#62;');
  });

  it('are asked for by the reconciler, with the mails that are due', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    const { ledger } = usher.desk;
    await usher.finishBatch('b1', failures(1));
    await usher.finishBatch('b2', failures(1));
    await replayUpload(ledger, usher.transcode, { id: 'b2-0', batch: 'b2' });
    const upload = { id: 'b2-0', batch: 'b2', round: 1 };
    const ready = { state: 'ready', kind: 'video', variants: [] } as const;
    await settleUpload(ledger, { upload, run: undefined, keepOriginalsDays: 7 }, ready);
    await askForDueMails(usher.desk);
    await askForDueMails(usher.desk);
    await usher.start();
    await eventually(() => expect(smtp.mails).toHaveLength(4), within);
    expect(smtp.mails.map(({ parsed }) => parsed.subject?.split(':')[0]).sort()).toEqual([
      '1 file could not be rendered',
      '1 file failed',
      '1 file ready',
      'b2-0.mp4 is ready now',
    ]);
  });
});

describe('without an operator to write to, the log is told', () => {
  const told = (usher: Usher) => usher.logged.filter(({ msg, level }) => level === 50 && msg.startsWith('alert:'));

  it('once for each, when there is no address', async () => {
    await using usher = await startUsher({ SMTP_URL: 'smtp://127.0.0.1:1' });
    const { ledger, notification } = usher.desk;
    await ledger.redis.zadd(ledgerKey.alerts, 1, 'health:ok:warning');
    await usher.finishBatch('b1', failures(2));
    await usher.start();
    await announceAlerts(notification, 0);
    await allTold(usher);
    await announceAlerts(notification, 0);
    await allTold(usher);
    expect(told(usher).map(({ upload, batch, job, to }) => [upload, batch, job, to])).toEqual([
      ['b1-0', 'b1', 'alert-operator', undefined],
      ['b1-1', 'b1', 'alert-operator', undefined],
      [undefined, undefined, 'alert-operator', 'warning'],
    ]);
    expect(await usher.counted('mails:alerts')).toBe(0);
  });

  it('when the address is refused for good', async () => {
    await using smtp = await startSmtp({
      onRcptTo: (_address, _session, answer) => answer(reply(550, 'no such user')),
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url, OPERATOR_EMAIL: operator });
    await usher.finishBatch('b1', failures(1));
    await announceAlerts(usher.desk.notification, 0);
    await usher.start();
    await allTold(usher);
    expect(told(usher)).toHaveLength(1);
  });
});

describe('a claim', () => {
  it('of nothing is none, and only its own id ends it', async () => {
    await using usher = await startUsher({ SMTP_URL: 'smtp://127.0.0.1:1' });
    const { ledger } = usher.desk;
    expect(await claimAlerts(ledger)).toBeUndefined();
    await usher.finishBatch('b1', failures(1));
    const claim = await claimAlerts(ledger);
    await noteAlerted(ledger, 'another', 'sent');
    expect(await claimAlerts(ledger)).toEqual(claim);
    await noteAlerted(ledger, claim?.id ?? '', 'sent');
    await noteAlerted(ledger, claim?.id ?? '', 'sent');
    expect(await claimAlerts(ledger)).toBeUndefined();
    expect(await usher.counted('mails:alerts')).toBe(1);
  });
});
