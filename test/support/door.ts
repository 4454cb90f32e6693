/** An upload service of a test's own: real server on a free port, real Redis, a store. */
import { join } from 'node:path';
import type { Queue } from 'bullmq';
import { closeServer } from '../../services/upload/close-server.ts';
import { type Lookout, startLookout } from '../../services/upload/lookout.ts';
import { buildServer } from '../../services/upload/server.ts';
import { type Config, readConfig } from '../../shared/config.ts';
import { beginEpoch } from '../../shared/ledger/epoch.ts';
import { type Ledger, openLedger } from '../../shared/ledger/ledger.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue } from '../../shared/queues.ts';
import { connectRedis } from '../../shared/redis.ts';
import { openStorage } from '../../shared/storage/open.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface TestDoor extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly redisUrl: string;
  readonly storage: Storage;
  /** Where the disk store keeps its files. */
  readonly storageDirectory: string;
  readonly ledger: Ledger;
  readonly transcode: Queue;
  readonly deadLetter: Queue;
  readonly notification: Queue;
  readonly lookout: Lookout;
}

/**
 * @param settings a store among them is used, else there is one on disk for this door only.
 * @param redisOfOwn `startRedisProcess` for a test that does something to the whole server.
 * @param log of the server; silent unless given.
 */
export async function startDoor(
  settings: Partial<
    Pick<Config, 'maxFileBytes' | 'maxBatchFiles' | 'publicUrl' | 'mediaDelivery' | 'storage' | 'admission'>
  > = {},
  redisOfOwn: () => Promise<TestRedis> = startRedis,
  log = createLogger('upload', { logLevel: 'silent' }),
): Promise<TestDoor> {
  const { storage: store, ...limits } = settings;
  await using owned = new AsyncDisposableStack();
  const directory = owned.use(await temporaryDirectory());
  const redis = owned.use(await redisOfOwn());
  const connection = connectRedis(redis.url, 'ask', log);
  owned.defer(() => connection.disconnect());
  const storageDirectory = join(directory.path, 'storage');
  const storage = await openStorage(store ?? { driver: 'disk', directory: storageDirectory });
  owned.defer(() => storage.close());
  const transcode = openQueue('transcode', connection);
  const deadLetter = openQueue('dead-letter', connection);
  const notification = openQueue('notification', connection);
  owned.defer(async () => {
    await Promise.all([transcode.close(), deadLetter.close(), notification.close()]);
  });
  const ledger = openLedger(connection);
  await beginEpoch(ledger, 'test');
  const lookout = owned.use(startLookout({ ledger, storage }));
  const { admission, healthLimits } = readConfig({});
  const config = {
    host: '127.0.0.1',
    publicUrl: 'http://127.0.0.1',
    admission: { ...admission, minFreeBytes: 0 },
    healthLimits,
    maxFileBytes: 10_000_000,
    maxBatchFiles: 20,
    mediaDelivery: 'stream' as const,
    ...limits,
  };
  const server = await buildServer({ config, storage, ledger, transcode, deadLetter, notification, lookout }, log);
  owned.defer(() => closeServer(server));
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const running = owned.move();
  return {
    url,
    redisUrl: redis.url,
    storage,
    storageDirectory,
    ledger,
    transcode,
    deadLetter,
    notification,
    lookout,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
