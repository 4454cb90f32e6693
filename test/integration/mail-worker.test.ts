/** The instructors' mails by the real worker, queue and SMTP server: one for each batch, whatever is away, refused or dies. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../shared/errors.ts';
import { dueFiles, noteNotified } from '../../shared/ledger/notified.ts';
import { readBatch, readUpload } from '../../shared/ledger/read.ts';
import { replayUpload } from '../../shared/ledger/replay.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { isUnrecorded } from '../../shared/ledger/unrecorded.ts';
import { announceFinished, announceSettledFile, mailJobId } from '../../shared/queues.ts';
import { eventually } from '../support/eventually.ts';
import { startService } from '../support/service.ts';
import { reply, startSmtp } from '../support/smtp.ts';
import { listKeys } from '../support/stored.ts';
import { startUsher, type Usher } from '../support/usher.ts';

const within = { within: 8_000 };

const notified = ({ desk }: Usher, batch: string) =>
  eventually(async () => {
    const entry = await readBatch(desk.ledger, batch);
    if (entry?.notifiedAt === undefined) throw new Error(`not notified: ${JSON.stringify(entry)}`);
    return entry;
  }, within);

const jobOf = async ({ desk }: Usher, batch: string) => {
  const job = await desk.notification.getJob(mailJobId({ batch }));
  if (!job) throw new Error(`no job for ${batch}`);
  return job;
};

const completed = (usher: Usher, batch: string) =>
  eventually(async () => {
    const job = await jobOf(usher, batch);
    expect(await job.getState()).toBe('completed');
    return job;
  }, within);

const logged = ({ logged }: Usher, text: string) => logged.filter(({ msg }) => msg.includes(text));

const announce = async ({ desk }: Usher, ...batches: string[]) => {
  for (const batch of batches) await announceFinished(desk.notification, batch);
};

describe('the mail of a finished batch', () => {
  it('goes out once, however often it is asked for, and is on record', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    await usher.finishBatch('b1', ['ready', 'failed']);
    await announce(usher, 'b1', 'b1');
    await usher.start();
    await notified(usher, 'b1');
    await (await completed(usher, 'b1')).remove();
    await announce(usher, 'b1');
    await completed(usher, 'b1');

    expect(smtp.mails.map(({ to, parsed }) => [to, parsed.subject, parsed.messageId])).toEqual([
      ['b1@example.org', '1 file ready, 1 failed: Title of b1', '<batch-b1@media.example.org>'],
    ]);
    expect(await usher.counted('mails:sent')).toBe(1);
    expect(await listKeys(usher.desk.storage, 'records/b1/')).toEqual(['records/b1/notified.json']);
    expect(usher.logged).toContainEqual(
      expect.objectContaining({ msg: 'mail sent', batch: 'b1', job: 'notify-b1', to: 'b1@example.org' }),
    );
  });

  it('is not sent again when the store is away afterwards, and its record comes with the next job', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    const { ledger, storage } = usher.desk;
    let away = true;
    const write: typeof storage.write = (...args) =>
      away ? Promise.reject(new StorageError('away', 'no disk')) : storage.write(...args);
    await usher.finishBatch('b1');
    await announce(usher, 'b1');
    await usher.start({ storage: { ...storage, write } });
    await completed(usher, 'b1');
    expect((await jobOf(usher, 'b1')).attemptsMade).toBe(1);
    const what = { kind: 'notified', id: 'b1' } as const;
    expect(await isUnrecorded(ledger, what)).toBe(true);
    away = false;
    await (await jobOf(usher, 'b1')).remove();
    await announce(usher, 'b1');
    await eventually(async () => expect(await isUnrecorded(ledger, what)).toBe(false), within);
    expect(smtp.mails).toHaveLength(1);
  });

  it('goes out a second time at most, with the same Message-ID, when the process dies before it is noted', async () => {
    let pid: number | undefined;
    await using smtp = await startSmtp({
      beforeAnswer: async () => {
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        pid = undefined;
      },
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    const { notification, ledger } = usher.desk;
    await usher.finishBatch('b1');
    await using killed = await startService('notification', usher.env);
    pid = killed.pid;
    await eventually(() => expect(pid).toBeUndefined(), within);
    expect((await readBatch(ledger, 'b1'))?.sendingAt).toBeDefined();
    expect((await readBatch(ledger, 'b1'))?.notifiedAt).toBeUndefined();
    // Half a minute later it would be gone.
    await ledger.redis.del(notification.toKey(`${mailJobId({ batch: 'b1' })}:lock`));
    await usher.start();
    await notified(usher, 'b1');

    expect(smtp.mails.map(({ parsed }) => parsed.messageId)).toEqual(Array(2).fill('<batch-b1@media.example.org>'));
    expect(logged(usher, 'may go out a second time')).toEqual([expect.objectContaining({ batch: 'b1' })]);
  });

  it('says of a file that is being tried again that one more mail will come', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    await usher.finishBatch('b1', ['ready', 'failed']);
    await replayUpload(usher.desk.ledger, usher.transcode, { id: 'b1-1', batch: 'b1' });
    await announce(usher, 'b1');
    await usher.start();
    await notified(usher, 'b1');
    expect(smtp.mails[0]?.parsed.subject).toBe('1 file ready, 1 being tried again: Title of b1');
    expect(smtp.mails[0]?.parsed.text).toContain('one more mail will say what came of it');
  });
});

describe('an SMTP server that is away', () => {
  it('costs no attempt, and the mail goes out once when it is back', async () => {
    const gone = await startSmtp();
    await gone[Symbol.asyncDispose]();
    await using usher = await startUsher({ SMTP_URL: gone.url });
    await usher.finishBatch('b1');
    await announce(usher, 'b1');
    await usher.start();
    await eventually(() => expect(logged(usher, 'waiting for the SMTP server').length).toBe(3), within);
    expect(logged(usher, 'waiting for the SMTP server').map(({ pauseMs }) => pauseMs)).toEqual([250, 500, 1000]);
    await using smtp = await startSmtp({ port: gone.port });
    await notified(usher, 'b1');
    const job = await completed(usher, 'b1');
    expect(job.attemptsMade).toBe(1);
    expect(await usher.counted('mails:failed-tries')).toBe(0);
    expect(logged(usher, 'second time')).toEqual([]);
    expect(smtp.mails).toHaveLength(1);
  });

  it('does not keep the service from stopping: the mail waits in its place, and is sent by the next one', async () => {
    const gone = await startSmtp();
    await gone[Symbol.asyncDispose]();
    await using usher = await startUsher({ SMTP_URL: gone.url, MAILS_PER_SECOND: '1' });
    const { notification } = usher.desk;
    await usher.finishBatch('b1');
    await usher.finishBatch('b2');
    await announce(usher, 'b1', 'b2');
    const worker = await usher.start();
    await eventually(() => expect(logged(usher, 'waiting for the SMTP server')).not.toEqual([]), within);
    const began = Date.now();
    await worker.stop();
    expect(Date.now() - began).toBeLessThan(1000);
    expect((await notification.getPrioritized()).map(({ id }) => id)).toEqual(['notify-b1', 'notify-b2']);
    expect(await notification.getActiveCount()).toBe(0);

    await using smtp = await startSmtp({ port: gone.port });
    await usher.start();
    await notified(usher, 'b1');
    await notified(usher, 'b2');
    expect((await completed(usher, 'b1')).attemptsMade).toBe(1);
    expect(smtp.mails.map(({ to }) => to)).toEqual(['b1@example.org', 'b2@example.org']);
  });

  it('hands the mail of a worker that stops to one that idles', async () => {
    const gone = await startSmtp();
    await gone[Symbol.asyncDispose]();
    await using usher = await startUsher({ SMTP_URL: gone.url });
    await usher.finishBatch('b1');
    await announce(usher, 'b1');
    const worker = await usher.start();
    await eventually(() => expect(logged(usher, 'waiting for the SMTP server')).not.toEqual([]), within);
    await usher.start();
    await using smtp = await startSmtp({ port: gone.port });
    await worker.stop();
    const handedOver = Date.now();
    await notified(usher, 'b1');
    expect(Date.now() - handedOver).toBeLessThan(2500);
    expect(smtp.mails).toHaveLength(1);
  });

  it('is the trouble of the operator when the log-in is wrong, and still costs no attempt', async () => {
    let right = false;
    await using smtp = await startSmtp({
      authOptional: false,
      onAuth: (_auth, _session, answer) =>
        right ? answer(null, { user: 'usher' }) : answer(reply(535, 'wrong password')),
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url.replace('smtp://', 'smtp://usher:secret@') });
    await usher.finishBatch('b1');
    await announce(usher, 'b1');
    await usher.start();
    await eventually(() => expect(logged(usher, 'wrong password')).not.toEqual([]), within);
    expect(logged(usher, 'wrong password')[0]).toMatchObject({ level: 50, batch: 'b1', job: 'notify-b1' });
    right = true;
    await notified(usher, 'b1');
    expect((await completed(usher, 'b1')).attemptsMade).toBe(1);
  });
});

describe('stopping', () => {
  it('lets a conversation end', async () => {
    let asked = false;
    await using smtp = await startSmtp({
      beforeAnswer: async () => {
        asked = true;
        await pause(500);
      },
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    await usher.finishBatch('b1');
    await announce(usher, 'b1');
    const worker = await usher.start();
    await eventually(() => expect(asked).toBe(true), within);
    await worker.stop();
    expect((await readBatch(usher.desk.ledger, 'b1'))?.notifiedAt).toBeDefined();
    expect(smtp.mails).toHaveLength(1);
  });

  it('breaks off one that does not end, and keeps in mind that the mail may have arrived', async () => {
    await using smtp = await startSmtp({ beforeAnswer: () => new Promise(() => {}) });
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    await usher.finishBatch('b1');
    await announce(usher, 'b1');
    const worker = await usher.start();
    await eventually(() => expect(smtp.mails).toHaveLength(1), within);
    const began = Date.now();
    await worker.stop();
    expect(Date.now() - began).toBeLessThan(6000);
    expect((await readBatch(usher.desk.ledger, 'b1'))?.sendingAt).toBeDefined();
    expect((await jobOf(usher, 'b1')).attemptsMade).toBe(0);
    expect(await usher.desk.notification.getPrioritizedCount()).toBe(1);
  });
});

describe('an address that fails', () => {
  it('does not hold the others', async () => {
    let tries = 0;
    await using smtp = await startSmtp({
      onRcptTo: ({ address }, _session, answer) => {
        const full = address === 'full@example.org' && tries++ < 1;
        answer(full ? reply(452, 'mailbox full') : undefined);
      },
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url, MAILS_PER_SECOND: '4' });
    await usher.finishBatch('full');
    for (const batch of ['b1', 'b2', 'b3']) await usher.finishBatch(batch);
    await announce(usher, 'full', 'b1', 'b2', 'b3');
    await usher.start();
    for (const batch of ['b1', 'b2', 'b3']) await notified(usher, batch);
    expect(await (await jobOf(usher, 'full')).isDelayed()).toBe(true);
    expect(await usher.counted('mails:failed-tries')).toBe(1);
    expect((await readBatch(usher.desk.ledger, 'full'))?.sendingAt).toBeUndefined();
    await notified(usher, 'full');
    expect(smtp.mails.map(({ to }) => to).at(-1)).toBe('full@example.org');
    expect((await completed(usher, 'full')).attemptsMade).toBe(2);
  });

  it('and a slow conversation leave room for others', async () => {
    await using smtp = await startSmtp({
      beforeAnswer: ({ to }) => (to === 'slow@example.org' ? pause(1500) : Promise.resolve()),
    });
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    for (const batch of ['slow', 'b1', 'b2']) await usher.finishBatch(batch);
    await announce(usher, 'slow', 'b1', 'b2');
    await usher.start();
    await notified(usher, 'b2');
    expect((await readBatch(usher.desk.ledger, 'slow'))?.notifiedAt).toBeUndefined();
  });
});

describe('the rate limit', () => {
  it('is kept', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url, MAILS_PER_SECOND: '2' });
    const batches = ['b1', 'b2', 'b3', 'b4', 'b5'];
    for (const batch of batches) await usher.finishBatch(batch);
    await announce(usher, ...batches);
    await usher.start();
    await eventually(() => expect(smtp.mails).toHaveLength(5), within);
    const times = smtp.mails.map(({ at }) => at);
    // 2 in the first second, 2 in the next, and 1; sending one takes a tenth of a second.
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(700);
    expect((times[4] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1700);
  });
});

describe('the mail about a file that was replayed after its batch had finished', () => {
  const settledAgain = async (usher: Usher, outcome: Parameters<typeof settleUpload>[2]) => {
    const { ledger } = usher.desk;
    await usher.finishBatch('b1', ['ready', 'failed']);
    await noteNotified(ledger, 'b1');
    await replayUpload(ledger, usher.transcode, { id: 'b1-1', batch: 'b1' });
    await settleUpload(
      ledger,
      { upload: { id: 'b1-1', batch: 'b1', round: 1 }, run: undefined, keepOriginalsDays: 7 },
      outcome,
    );
  };
  const turn = { batch: 'b1', id: 'b1-1', round: 1 };
  const ready = {
    state: 'ready',
    kind: 'video',
    variants: [{ name: '360p', file: '360p.mp4', key: 'media/k', contentType: 'video/mp4', bytes: 1 }],
  } as const;
  const noneDue = ({ desk }: Usher) => eventually(async () => expect(await dueFiles(desk.ledger)).toEqual([]), within);

  it('names it and its links, and goes out once', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    await settledAgain(usher, ready);
    await announceSettledFile(usher.desk.notification, turn);
    await usher.start();
    await noneDue(usher);
    const job = await usher.desk.notification.getJob('notify-b1-1-1');
    await eventually(async () => expect(await job?.isCompleted()).toBe(true), within);
    await job?.remove();
    await announceSettledFile(usher.desk.notification, turn);
    await eventually(async () => expect(await usher.desk.notification.getCompletedCount()).toBe(1), within);

    expect(smtp.mails).toHaveLength(1);
    expect(smtp.mails[0]?.to).toBe('b1@example.org');
    expect(smtp.mails[0]?.parsed).toMatchObject({
      subject: 'b1-1.mp4 is ready now: Title of b1',
      messageId: '<upload-b1-1-1@media.example.org>',
      text: expect.stringContaining('http://media.example.org/v1/media/b1-1/360p.mp4'),
    });
    expect(smtp.mails[0]?.parsed.text).not.toContain('b1-0.mp4');
    expect(usher.logged).toContainEqual(
      expect.objectContaining({ msg: 'mail sent', batch: 'b1', upload: 'b1-1', job: 'notify-b1-1-1' }),
    );
  });

  it('says why it failed again', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    await settledAgain(usher, { state: 'failed', reason: 'It is still cut off.' });
    await announceSettledFile(usher.desk.notification, turn);
    await usher.start();
    await noneDue(usher);
    expect(smtp.mails[0]?.parsed).toMatchObject({
      subject: 'b1-1.mp4 failed again: Title of b1',
      text: expect.stringContaining('It is still cut off.'),
    });
  });

  it('is needless when it was replayed once more', async () => {
    await using smtp = await startSmtp();
    await using usher = await startUsher({ SMTP_URL: smtp.url });
    await settledAgain(usher, { state: 'failed', reason: 'It is still cut off.' });
    await replayUpload(usher.desk.ledger, usher.transcode, { id: 'b1-1', batch: 'b1' });
    expect((await readUpload(usher.desk.ledger, 'b1-1'))?.round).toBe(2);
    await announceSettledFile(usher.desk.notification, turn);
    await usher.start();
    await noneDue(usher);
    expect(smtp.mails).toEqual([]);
  });
});
