/** The usher's worker: a few mails at once, so many a second. The queue makes sure that each is tried until it is sent. */
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { giveBackFormerJobs } from '../../shared/former-jobs.ts';
import { hasAlerts } from '../../shared/ledger/alerts.ts';
import { announceAlerts, dispatch, type Handlers, UnreadablePayload } from '../../shared/queues.ts';
import { KEY_PREFIX } from '../../shared/redis.ts';
import { alertOperator } from './alert-operator.ts';
import { mailBatch } from './batch-mail.ts';
import { Undelivered } from './deliver.ts';
import type { Desk, Turn } from './desk.ts';
import { sweepFailedMails } from './failed-mails.ts';
import { mailFile } from './file-mail.ts';
import { outlastSmtp } from './outlast-smtp.ts';

/** Mails that may be on their way at once, so that a slow conversation does not hold all others up. */
const AT_ONCE = 3;
/** Kills of the service that one mail survives. */
const MAX_STALLED = 20;
/** A job that goes back to the queue by its priority wakes no idle worker (moveJobFromActiveToWait): it looks by itself. */
const DRAIN_DELAY_S = 1;

export interface MailWorker {
  /** A mail that waits for its server goes back to the queue; a conversation may end. */
  stop(): Promise<void>;
}

export async function startWorker(desk: Desk, connection: Redis): Promise<MailWorker> {
  const { ledger, notification, config, log } = desk;
  const handlers: Handlers<'notification', Turn> = {
    'batch-finished': ({ batch }, turn) => mailBatch(desk, batch, turn),
    'file-settled': (payload, turn) => mailFile(desk, payload, turn),
    'alert-operator': (_payload, turn) => alertOperator(desk, turn),
  };

  // BullMQ passes the signal only to a processor that declares three parameters.
  const process = async (job: Job, token: string | undefined, signal: AbortSignal | undefined) => {
    if (signal === undefined) throw new Error('BullMQ gave the job no signal to stop it by');
    const turn = { signal: AbortSignal.any([signal, stopping.signal]), log: logOf(job) };
    try {
      turn.signal.throwIfAborted();
      await outlastSmtp(() => dispatch('notification', handlers, job, turn), turn);
    } catch (error) {
      if (error instanceof UnreadablePayload) throw new UnrecoverableError(error.message);
      if (error instanceof Undelivered && error.failure.outcome === 'refused') {
        throw new UnrecoverableError(error.message);
      }
      if (!turn.signal.aborted) throw error;
      turn.log.info('the service stops: the mail goes back to the queue');
      await job.moveToWait(token);
      throw new WaitingError();
    }
  };
  const logOf = (job: Job) => log.child({ job: job.id, batch: job.data.batch, upload: job.data.upload });
  const stopping = new AbortController();

  const { leaseMs } = config.lease;
  await giveBackFormerJobs(notification, connection, { workerName: config.workerName, leaseMs }, async (job) => {
    logOf(job).warn('a former process died over this mail, which is next again');
  });
  const worker = new Worker(notification.name, process, {
    connection,
    prefix: KEY_PREFIX,
    // Those that waited for the server go all at once when it is back, which the limiter does not see.
    concurrency: Math.min(AT_ONCE, config.mailsPerSecond),
    name: config.workerName,
    // As long as a render's: a mail that is under way when Redis goes must not be sent by somebody else meanwhile.
    lockDuration: config.lease.leaseMs,
    lockRenewTime: config.lease.renewMs,
    limiter: { max: config.mailsPerSecond, duration: 1000 },
    stalledInterval: config.lease.stalledCheckMs,
    maxStalledCount: MAX_STALLED,
    drainDelay: DRAIN_DELAY_S,
  });
  worker.on('error', (error) => log.warn({ err: error }, `worker: ${error.message}`));
  worker.on('failed', (job, error) => {
    const forGood = job?.finishedOn !== undefined;
    const about = { attempt: job?.attemptsMade, forGood, err: error };
    (job ? logOf(job) : log)[forGood ? 'error' : 'warn'](about, error.message);
    if (!forGood) return;
    sweepFailedMails(desk).catch((failure) => log.warn({ err: failure }, 'failed mails were not swept up yet'));
  });
  // What came together while the alerts were sent has asked in vain: that job was still there.
  worker.on('completed', (job) => {
    if (job.name !== ALERTS) return;
    askForMoreAlerts().catch((failure) => log.warn({ err: failure }, 'more alerts were not asked for yet'));
  });
  const askForMoreAlerts = async () => {
    if (await hasAlerts(ledger)) await announceAlerts(notification, config.alertGatherMs);
  };
  await worker.waitUntilReady();

  return {
    async stop() {
      const closed = worker.close();
      stopping.abort(new Error('the service is stopping'));
      await closed;
    },
  };
}

const ALERTS: keyof Handlers<'notification', Turn> = 'alert-operator';
