/** The notification service as a process. */
import { dependenciesAnswer } from '../../shared/health.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { openQueue } from '../../shared/queues.ts';
import { connectRedis } from '../../shared/redis.ts';
import { runService } from '../../shared/service.ts';
import { openStorage } from '../../shared/storage/open.ts';
import { startRounds } from './rounds.ts';
import { startWorker } from './worker.ts';

await runService('notification', async (config, log) => {
  const storage = await openStorage(config.storage);
  const redis = connectRedis(config.redisUrl, 'work', log);
  const notification = openQueue('notification', redis);
  const desk = { config, storage, ledger: openLedger(redis), notification, log };
  const worker = await startWorker(desk, redis);
  const rounds = startRounds(desk);
  return {
    check: () => dependenciesAnswer(redis, storage),
    async stop() {
      rounds[Symbol.dispose]();
      await worker.stop();
      await notification.close();
      redis.disconnect();
      storage.close();
    },
  };
});
