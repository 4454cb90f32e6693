/** The upload service as a process. */
import { openLedger } from '../../shared/ledger/ledger.ts';
import { openQueue } from '../../shared/queues.ts';
import { keepWhole } from '../../shared/recovery/keep-whole.ts';
import { connectRedis } from '../../shared/redis.ts';
import { runService } from '../../shared/service.ts';
import { openStorage } from '../../shared/storage/open.ts';
import { closeServer } from './close-server.ts';
import { startLookout } from './lookout.ts';
import { buildServer } from './server.ts';

await runService('upload', async (config, log) => {
  const storage = await openStorage(config.storage);
  const redis = connectRedis(config.redisUrl, 'ask', log);
  const ledger = openLedger(redis);
  const queues = {
    transcode: openQueue('transcode', redis),
    deadLetter: openQueue('dead-letter', redis),
    notification: openQueue('notification', redis),
  };
  const lookout = startLookout({ ledger, storage });
  const { keepOriginalsDays } = config;
  const rebuilding = { ledger, storage, transcode: queues.transcode, keepOriginalsDays, log };
  const wholeness = keepWhole(rebuilding, () => lookout.lookAtRedis());
  const server = await buildServer({ config, storage, ledger, ...queues, lookout }, log);
  return {
    address: await server.listen({ port: config.port, host: config.host }),
    whole: wholeness.whole,
    async stop() {
      wholeness[Symbol.dispose]();
      lookout[Symbol.dispose]();
      await closeServer(server);
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      redis.disconnect();
      storage.close();
    },
  };
});
