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
  const queue = openQueue('notification', redis);
  const desk = { config, storage, ledger: openLedger(redis), log };
  const worker = await startWorker(desk, queue, redis);
  const rounds = startRounds(desk, queue);
  return {
    check: () => dependenciesAnswer(redis, storage),
    async stop() {
      rounds[Symbol.dispose]();
      await worker.stop();
      await queue.close();
      redis.disconnect();
      storage.close();
    },
  };
});
