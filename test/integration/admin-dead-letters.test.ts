/** What the operator can do with dead letters over HTTP: look at them, have them tried again, drop them. */
import { describe, expect, it } from 'vitest';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { settle } from '../../services/transcoder/settle.ts';
import { readConfig } from '../../shared/config.ts';
import { keepRecord } from '../../shared/keep-record.ts';
import { readDeadLetter } from '../../shared/ledger/dead-letters.ts';
import { giveUpUpload } from '../../shared/ledger/give-up.ts';
import { giveUpMail } from '../../shared/ledger/give-up-mail.ts';
import { mailLetterId } from '../../shared/ledger/instructor-mail.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { noteNotified } from '../../shared/ledger/notified.ts';
import { readUpload } from '../../shared/ledger/read.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import { createLogger } from '../../shared/logger.ts';
import { enqueueLastTry, lastTryJobId } from '../../shared/queues.ts';
import { recover } from '../../shared/recovery/recover.ts';
import { recordKey } from '../../shared/storage/keys.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { householdOf } from '../support/household.ts';
import { mp4Like } from '../support/samples.ts';
import { listKeys } from '../support/stored.ts';

const instructor = 'ada@example.org';
const log = createLogger('test', { logLevel: 'silent' });

interface Setting {
  readonly door: TestDoor;
  readonly client: Client;
  readonly batch: string;
  /** Of a file that has failed, and of one that waits. */
  readonly failed: string;
  readonly other: string;
}

const settling = (id: string, batch: string, round = 0, keepOriginalsDays = 7) => ({
  upload: { id, batch, round },
  run: undefined,
  keepOriginalsDays,
});

/** The head of the queue first. */
const waiting = async ({ transcode }: TestDoor) => (await transcode.getWaiting()).map(({ id }) => id);

/** An open batch of two files, of which the first has failed for good, with all that belongs to it. */
async function withFailure(use: (setting: Setting) => Promise<void>, keepOriginalsDays = 7): Promise<void> {
  await using door = await startDoor();
  const client = new Client(door.url);
  const batch = (await client.openBatch({ instructor })).body.id;
  const failed = (await client.putUpload(batch, 'a.mp4', mp4Like(200))).body.id;
  const other = (await client.putUpload(batch, 'b.mp4', mp4Like(200))).body.id;
  await fail(door, failed, batch, 0, keepOriginalsDays);
  await use({ door, client, batch, failed, other });
}

async function fail(door: TestDoor, id: string, batch: string, round: number, keepOriginalsDays = 7) {
  await giveUp(door, id, round);
  await enqueueLastTry(door.deadLetter, { batch, id, round });
  const outcome = { state: 'failed', reason: 'It is cut off.', toolOutput: 'moov atom not found' } as const;
  await settleUpload(door.ledger, settling(id, batch, round, keepOriginalsDays), outcome);
  await keepRecord(door, { kind: 'failed', id });
}

async function giveUp(door: TestDoor, upload: string, round: number) {
  const job = round === 0 ? upload : `${upload}-${round}`;
  await startUpload(door.ledger, { upload, round, run: 'r' }, 'first');
  await giveUpUpload(door.ledger, { upload, round, run: 'r', reason: 'It is cut off.', toolOutput: 'moov', job });
  await door.transcode.remove(job);
}

describe('dead letters', () => {
  it('are listed and shown with what is known of them, those of a state alone too', () =>
    withFailure(async ({ client, door, failed, other, batch }) => {
      await giveUp(door, other, 0);
      const list = await client.deadLetters();
      expect(list.body.deadLetters.map(({ id, state }) => [id, state])).toEqual([
        [failed, 'discarded'],
        [other, 'waiting'],
      ]);
      expect((await client.deadLetters('waiting')).body.deadLetters.map(({ id }) => id)).toEqual([other]);
      const { body } = await client.deadLetter(failed);
      expect(body).toMatchObject({
        ...{ id: failed, kind: 'render', state: 'discarded', batch, job: failed, attempts: 1 },
        ...{ reason: 'It is cut off.', toolOutput: 'moov atom not found' },
        upload: { id: failed, state: 'failed', originalExpiresAt: expect.any(String) },
        original: expect.stringContaining('originals/'),
      });
      await expect(client.deadLetter('none')).rejects.toMatchObject({ status: 404 });
    }));
});

describe('replaying a file', () => {
  it('of last week does not make the house critical: it waits since it was replayed', () =>
    withFailure(async ({ door, client, failed, other }) => {
      const { redis } = door.ledger;
      const weekAgo = Date.now() - 7 * 86_400_000;
      await redis.hset(ledgerKey.upload(failed), 'queuedAt', weekAgo);
      await client.replay(failed);
      await redis.zrem(ledgerKey.queued, other);
      expect((await client.houseHealth()).body.queue?.oldestWaitingMs).toBeLessThan(60_000);
      const { body } = await client.readUpload(failed);
      expect(body).toMatchObject({ state: 'queued', queuedAt: new Date(weekAgo).toISOString() });
      expect(body).not.toHaveProperty('replayedAt');
    }));

  it('puts it to the end of the queue once, however often it is asked for, and leaves no trace of the failure', () =>
    withFailure(async ({ client, door, batch, failed, other }) => {
      expect(await listKeys(door.storage, `records/${batch}/${failed}`)).toHaveLength(1);
      const answers = await Promise.all([1, 2, 3].map(() => client.replay(failed)));
      answers.push(await client.replay(failed));
      for (const { status, body } of answers) {
        expect(status).toBe(202);
        expect(body).toMatchObject({ kind: 'render', id: failed, upload: { state: 'queued', queuePosition: 2 } });
      }
      expect(await waiting(door)).toEqual([other, `${failed}-1`]);
      expect(await door.deadLetter.getJob(lastTryJobId({ batch, id: failed, round: 0 }))).toBeUndefined();
      await expect(client.deadLetter(failed)).rejects.toMatchObject({ status: 404 });
      expect(await listKeys(door.storage, `records/${batch}/${failed}`)).toEqual([]);

      await startUpload(door.ledger, { upload: failed, round: 1, run: 'r' }, 'first');
      expect((await client.replay(failed)).body).toMatchObject({ upload: { state: 'processing' } });

      await door.ledger.redis.flushdb();
      await recover({ ...door, keepOriginalsDays: 7, log });
      expect((await readUpload(door.ledger, failed))?.state).toBe('queued');
    }));

  it('is refused with 409 once it has settled ready, and while its last try is still to come or runs', () =>
    withFailure(async ({ client, door, batch, failed, other }) => {
      await client.replay(failed);
      await giveUp(door, failed, 1);
      await expect(client.replay(failed)).rejects.toMatchObject({ status: 409, detail: /last try/ });
      await startUpload(door.ledger, { upload: failed, round: 1, run: 's' }, 'last');
      await expect(client.replay(failed)).rejects.toMatchObject({ status: 409, detail: /last try/ });
      expect(await waiting(door)).toEqual([other]);
      const ready = { state: 'ready', kind: 'video', variants: [] } as const;
      await settleUpload(door.ledger, settling(failed, batch, 1), ready);
      await expect(client.replay(failed)).rejects.toMatchObject({ status: 409, detail: /ready now/ });
    }));

  it('can be done again when it has failed again', () =>
    withFailure(async ({ client, door, batch, failed, other }) => {
      await client.replay(failed);
      await fail(door, failed, batch, 1);
      expect((await client.replay(failed)).status).toBe(202);
      expect(await waiting(door)).toEqual([other, `${failed}-2`]);
    }));

  it('is refused with 404 for what is no dead letter', () =>
    withFailure(async ({ client, failed, other }) => {
      for (const id of ['none', 'mail-none', 'mail-none-1', other]) {
        await expect(client.replay(id)).rejects.toMatchObject({ status: 404 });
      }
      await client.dropDeadLetter(failed);
      await expect(client.replay(failed)).rejects.toMatchObject({ status: 404 });
    }));

  it('is refused with 410 once its original has expired, removed or not', () =>
    withFailure(async ({ client, door, failed }) => {
      const { redis } = door.ledger;
      const expires = Number(await redis.zscore(ledgerKey.expiring, failed));
      await redis.zadd(ledgerKey.expiring, Date.now() - 1000, failed);
      await expect(client.replay(failed)).rejects.toMatchObject({ status: 410 });
      await redis.zrem(ledgerKey.expiring, failed);
      await expect(client.replay(failed)).rejects.toMatchObject({ status: 410 });
      await redis.zadd(ledgerKey.expiring, expires, failed);
      expect((await client.replay(failed)).status).toBe(202);
    }));

  it('gets a job from the reconciler when the door died before it made one', () =>
    withFailure(async ({ client, door, failed, other }) => {
      await client.replay(failed);
      await door.transcode.remove(`${failed}-1`);
      await reconcile(householdOf(door));
      expect(await waiting(door)).toEqual([other, `${failed}-1`]);
    }));

  it('of a batch that has not finished finishes it, with the batch mail asked for at once', () =>
    withFailure(async ({ client, door, batch, failed, other }) => {
      const ready = { state: 'ready', kind: 'video', variants: [] } as const;
      await client.replay(failed);
      await settleUpload(door.ledger, settling(other, batch), ready);
      expect((await client.sealBatch(batch)).body.state).toBe('sealed');
      const turn = { upload: failed, round: 1, run: 'r' };
      await startUpload(door.ledger, turn, 'first');
      const upload = await readUpload(door.ledger, failed);
      if (!upload) throw new Error('it was sent');
      await settle({ ...door, config: readConfig({}), sandbox: NO_SANDBOX, log }, upload, turn, ready);
      expect((await client.readBatch(batch)).body.state).toBe('finished');
      expect(await door.notification.getJob(`notify-${batch}`)).toBeDefined();
    }));
});

describe('dropping a dead letter', () => {
  it('takes it off the list, can be repeated, and leaves the upload failed', () =>
    withFailure(async ({ client, door, batch, failed }) => {
      for (let times = 0; times < 2; times++) expect(await client.dropDeadLetter(failed)).toBe(204);
      expect(await client.dropDeadLetter('none')).toBe(204);
      expect((await client.deadLetters()).body.deadLetters).toEqual([]);
      expect(await door.ledger.redis.zscore(ledgerKey.alerts, failed)).toBeNull();
      expect(await door.deadLetter.getJob(lastTryJobId({ batch, id: failed, round: 0 }))).toBeUndefined();
      expect((await client.readUpload(failed)).body.state).toBe('failed');
    }));

  it('is refused with 503 while the ledger is being recovered, and its letter is there again afterwards', () =>
    withFailure(async ({ client, door, failed }) => {
      expect(await client.dropDeadLetter(failed)).toBe(204);
      await door.ledger.redis.flushdb();
      await expect(client.dropDeadLetter(failed)).rejects.toMatchObject({ status: 503 });
      await recover({ ...door, keepOriginalsDays: 7, log });
      expect((await client.deadLetter(failed)).body).toMatchObject({ id: failed, state: 'discarded' });
    }));

  it('is refused with 409 while its last try is still to come, or runs', () =>
    withFailure(async ({ client, door, other }) => {
      await giveUp(door, other, 0);
      await expect(client.dropDeadLetter(other)).rejects.toMatchObject({ status: 409 });
      await startUpload(door.ledger, { upload: other, round: 0, run: 's' }, 'last');
      await expect(client.dropDeadLetter(other)).rejects.toMatchObject({ status: 409 });
      expect((await readDeadLetter(door.ledger, other))?.state).toBe('trying');
    }));
});

describe('a mail that is a dead letter', () => {
  /** The mail's job fails for good. */
  async function refuse({ ledger, notification }: TestDoor, mail: Parameters<typeof mailLetterId>[0]) {
    const failedJobs = notification.toKey('failed');
    await ledger.redis.zadd(failedJobs, 1, 'job');
    const given = { mail, job: 'job', failedJobs, reason: 'no such user', attempts: 3 };
    expect(await giveUpMail(ledger, given)).toBe('given-up');
    return mailLetterId(mail);
  }

  it('is shown, sent again once, and not again when it was sent', () =>
    withFailure(async ({ client, door, batch, failed, other }) => {
      await settleUpload(door.ledger, settling(other, batch), { state: 'failed', reason: 'x' });
      await client.sealBatch(batch);
      await door.notification.remove(`notify-${batch}`);
      const letter = await refuse(door, { batch });
      expect((await client.deadLetter(letter)).body).toMatchObject({ kind: 'mail', batch, reason: 'no such user' });
      await keepRecord(door, { kind: 'notified', id: batch });
      expect(await listKeys(door.storage, 'records/')).toContain(recordKey.notified(batch));
      for (let times = 0; times < 2; times++) {
        expect(await client.replay(letter)).toEqual({ status: 202, body: { kind: 'mail', id: letter, batch } });
      }
      expect(await door.notification.getJob(`notify-${batch}`)).toBeDefined();
      // A Redis that is rebuilt now has the mail sent, too.
      expect(await listKeys(door.storage, 'records/')).not.toContain(recordKey.notified(batch));
      await expect(client.deadLetter(letter)).rejects.toMatchObject({ status: 404 });
      await noteNotified(door.ledger, batch);
      await expect(client.replay(letter)).rejects.toMatchObject({ status: 409 });

      // About one file that was replayed after that.
      await client.replay(failed);
      await settleUpload(door.ledger, settling(failed, batch, 1), { state: 'failed', reason: 'x' });
      const about = await refuse(door, { batch, file: { id: failed, round: 1 } });
      expect(about).toBe(`mail-${failed}-1`);
      expect((await client.replay(about)).body).toEqual({ kind: 'mail', id: about, batch });
      expect(await door.notification.getJob(`notify-${failed}-1`)).toBeDefined();
      expect(await client.dropDeadLetter(about)).toBe(204);
    }));
});
