/** The transcoder as a process. */
import { dependenciesAnswer } from '../../shared/health.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { openQueue } from '../../shared/queues.ts';
import { connectRedis } from '../../shared/redis.ts';
import { runService } from '../../shared/service.ts';
import { openStorage } from '../../shared/storage/open.ts';
import { clearScratch } from './scratch.ts';
import { startWorker } from './worker.ts';

await runService('transcoder', async (config, log) => {
  await clearScratch(config);
  const storage = await openStorage(config.storage);
  const redis = connectRedis(config.redisUrl, 'work', log);
  const transcode = openQueue('transcode', redis);
  const notification = openQueue('notification', redis);
  const booth = { config, storage, ledger: openLedger(redis), notification, log };
  const worker = await startWorker(booth, transcode, redis);
  return {
    check: () => dependenciesAnswer(redis, storage),
    async stop() {
      await worker.stop();
      await Promise.all([transcode.close(), notification.close()]);
      redis.disconnect();
      storage.close();
    },
  };
});
