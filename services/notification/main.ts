/** The notification service as a process: the mails, and the upkeep of the house. */
import { dependenciesAnswer } from '../../shared/health.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { openQueue } from '../../shared/queues.ts';
import { keepWhole } from '../../shared/recovery/keep-whole.ts';
import { connectRedis } from '../../shared/redis.ts';
import { runService } from '../../shared/service.ts';
import { openStorage } from '../../shared/storage/open.ts';
import { startMaintenance } from './maintenance/worker.ts';
import { startWorker } from './worker.ts';

await runService('notification', async (config, log) => {
  const storage = await openStorage(config.storage);
  const redis = connectRedis(config.redisUrl, 'work', log);
  const queues = {
    transcode: openQueue('transcode', redis),
    deadLetter: openQueue('dead-letter', redis),
    notification: openQueue('notification', redis),
    maintenance: openQueue('maintenance', redis),
  };
  const desk = { config, storage, ledger: openLedger(redis), log, ...queues };
  const maintenance = await startMaintenance(desk, queues.maintenance, redis);
  const { keepOriginalsDays } = config;
  const wholeness = keepWhole({ ...desk, keepOriginalsDays }, () => maintenance.schedule());
  await wholeness.whole;
  const worker = await startWorker(desk, redis);
  return {
    check: () => dependenciesAnswer(redis, storage),
    async stop() {
      wholeness[Symbol.dispose]();
      await Promise.all([worker.stop(), maintenance.stop()]);
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      redis.disconnect();
      storage.close();
    },
  };
});
