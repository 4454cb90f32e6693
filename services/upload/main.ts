/** The upload service as a process. */
import { beginEpoch } from '../../shared/ledger/epoch.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { openQueue } from '../../shared/queues.ts';
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
  await beginEpoch(door.ledger, 'new');
  const server = await buildServer(door, log);
  const address = await server.listen({ port: config.port, host: config.host });
  return {
    address,
    async stop() {
      await closeServer(server);
      await Promise.all([door.transcode.close(), door.notification.close()]);
      redis.disconnect();
      storage.close();
    },
  };
});
