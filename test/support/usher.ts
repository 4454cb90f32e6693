/** The notification service's worker in this process, on a real Redis, and a ledger to put batches into. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Desk } from '../../services/notification/desk.ts';
import { type MailWorker, startWorker } from '../../services/notification/worker.ts';
import { readConfig } from '../../shared/config.ts';
import { beginEpoch } from '../../shared/ledger/epoch.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { openBatch } from '../../shared/ledger/open.ts';
import { registerUpload } from '../../shared/ledger/register.ts';
import { sealBatch } from '../../shared/ledger/seal.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { openQueue } from '../../shared/queues.ts';
import { connectRedis } from '../../shared/redis.ts';
import { openStorage } from '../../shared/storage/open.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { temporaryDirectory } from './temporary-directory.ts';

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Usher extends AsyncDisposable {
  readonly desk: Desk;
  readonly transcode: ReturnType<typeof openQueue>;
  /** What was logged, in order. */
  readonly logged: readonly LogLine[];
  /** What a service needs to be another one of the same house. */
  readonly env: Readonly<Record<string, string>>;
  /** One more worker, at a desk with these changes; it is stopped with the usher, unless it was before. */
  start(changes?: Partial<Desk>): Promise<MailWorker>;
  /** A finished batch of one upload for each outcome, all of one id; its mail is due and not asked for. */
  finishBatch(id: string, files?: readonly FileOutcome[], instructor?: string): Promise<void>;
  /** What a counter of the ledger says. */
  counted(name: string): Promise<number>;
}

type FileOutcome = 'ready' | 'failed';

/**
 * No worker runs yet.
 * @param env settings beside those of where things are.
 * @param redisOfOwn `startRedisProcess` for a test that does something to the whole server.
 */
export async function startUsher(
  env: Readonly<Record<string, string>>,
  redisOfOwn: () => Promise<TestRedis> = startRedis,
): Promise<Usher> {
  await using owned = new AsyncDisposableStack();
  const redis = owned.use(await redisOfOwn());
  const directory = owned.use(await temporaryDirectory());
  const settings = {
    DATA_DIR: directory.path,
    REDIS_URL: redis.url,
    MAIL_FROM: 'Projectionist <projectionist@example.org>',
    PUBLIC_URL: 'http://media.example.org',
    ALERT_GATHER_SECONDS: '0',
    MAILS_PER_SECOND: '1000',
    STALLED_CHECK_MS: '200',
    ...env,
  };
  const config = readConfig(settings);
  const logged: LogLine[] = [];
  const log = pino(
    {},
    new Writable({
      write(line, _encoding, done) {
        logged.push(JSON.parse(String(line)));
        done();
      },
    }),
  );
  const storage = await openStorage(config.storage);
  owned.defer(() => storage.close());
  const connection = connectRedis(config.redisUrl, 'work', log);
  owned.defer(() => connection.disconnect());
  const ledger = openLedger(connection);
  await beginEpoch(ledger, 'test');
  const notification = openQueue('notification', connection);
  const transcode = openQueue('transcode', connection);
  owned.defer(async () => {
    await notification.close();
    await transcode.close();
  });
  const desk: Desk = { config, storage, ledger, notification, log };
  const running = owned.move();
  return {
    desk,
    transcode,
    logged,
    env: settings,
    async start(changes = {}) {
      const worker = await startWorker({ ...desk, ...changes }, connection);
      running.defer(() => worker.stop());
      return worker;
    },
    async finishBatch(id, files = ['ready'], instructor = `${id}@example.org`) {
      await openBatch(ledger, { id, title: `Title of ${id}`, instructor });
      for (const [index, outcome] of files.entries()) {
        const upload = { id: `${id}-${index}`, batch: id, name: `${id}-${index}.mp4`, round: 0 };
        const about = {
          bytes: 1,
          contentType: 'video/mp4',
          kind: 'video',
          original: `originals/${id}/${index}`,
        } as const;
        await registerUpload(ledger, transcode, { ...upload, ...about }, { maxBatchFiles: 1000 });
        await settleUpload(
          ledger,
          { upload, run: undefined, keepOriginalsDays: 7 },
          outcome === 'ready'
            ? { state: 'ready', kind: 'video', variants: [] }
            : { state: 'failed', reason: 'The file is cut off.', toolOutput: 'moov atom\nnot found' },
        );
      }
      await sealBatch(ledger, id);
    },
    counted: async (name) => Number((await connection.hget('{projectionist}:ledger:counters', name)) ?? 0),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
