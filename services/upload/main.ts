/** The upload service as a process. */
import { openLedger } from '../../shared/ledger/ledger.ts';
import { openQueue } from '../../shared/queues.ts';
import { keepWhole } from '../../shared/recovery/keep-whole.ts';
import { connectRedis } from '../../shared/redis.ts';
import { runService } from '../../shared/service.ts';
import { openStorage } from '../../shared/storage/open.ts';
import { closeServer } from './close-server.ts';
import { buildServer } from './server.ts';

await runService('upload', async (config, log) => {
  const storage = await openStorage(config.storage);
  const redis = connectRedis(config.redisUrl, 'ask', log);
  const door = {
    config,
    storage,
    ledger: openLedger(redis),
    transcode: openQueue('transcode', redis),
    notification: openQueue('notification', redis),
  };
  const { keepOriginalsDays } = config;
  const wholeness = await keepWhole({ ...door, keepOriginalsDays, log }, async () => {});
  const server = await buildServer(door, log);
  const address = await server.listen({ port: config.port, host: config.host });
  return {
    address,
    async stop() {
      wholeness[Symbol.dispose]();
      await closeServer(server);
      await Promise.all([door.transcode.close(), door.notification.close()]);
      redis.disconnect();
      storage.close();
    },
  };
});
