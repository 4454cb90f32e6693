/** The transcoder as a process. */
import { sweepFailedRenders } from '../../shared/dead-letters.ts';
import { dependenciesAnswer } from '../../shared/health.ts';
import { openLedger } from '../../shared/ledger/ledger.ts';
import { dispatch, openQueue } from '../../shared/queues.ts';
import { keepWhole } from '../../shared/recovery/keep-whole.ts';
import { connectRedis } from '../../shared/redis.ts';
import { runService } from '../../shared/service.ts';
import { openStorage } from '../../shared/storage/open.ts';
import { findSandbox } from './find-sandbox.ts';
import { keepConcurrency } from './keep-concurrency.ts';
import { lastTry } from './last-try.ts';
import { watchLeftScratch } from './left-scratch.ts';
import { renderUpload } from './render-upload.ts';
import { clearScratch } from './scratch.ts';
import { showLife } from './sign-of-life.ts';
import { startWorker } from './worker.ts';

await runService('transcoder', async (config, log) => {
  await clearScratch(config);
  const sandbox = await findSandbox(config.sandbox, log);
  const storage = await openStorage(config.storage);
  const redis = connectRedis(config.redisUrl, 'work', log);
  const queues = {
    transcode: openQueue('transcode', redis),
    deadLetter: openQueue('dead-letter', redis),
    notification: openQueue('notification', redis),
  };
  const booth = { config, storage, ledger: openLedger(redis), sandbox, log, ...queues };
  const onFailed = async () => {
    await sweepFailedRenders(booth);
  };
  const concurrency = keepConcurrency(booth);
  const wholeness = keepWhole(
    { ledger: booth.ledger, storage, transcode: queues.transcode, keepOriginalsDays: config.keepOriginalsDays, log },
    () => concurrency.set(),
  );
  await wholeness.whole;
  // Before it has scratch space of its own, so that no other takes that for a dead one's.
  const life = await showLife(booth);
  const leftScratch = watchLeftScratch(booth);
  const workers = [
    await startWorker(
      booth,
      {
        queue: queues.transcode,
        which: 'first',
        render: (job, run) =>
          dispatch('transcode', { render: (payload, by) => renderUpload(booth, payload, by) }, job, run),
        onFailed,
      },
      redis,
    ),
    await startWorker(
      booth,
      {
        queue: queues.deadLetter,
        which: 'last',
        render: (job, run) =>
          dispatch('dead-letter', { 'last-try': (payload, by) => lastTry(booth, payload, by) }, job, run),
        onFailed,
      },
      redis,
    ),
  ];
  await onFailed();
  return {
    check: () => dependenciesAnswer(redis, storage),
    async stop() {
      wholeness[Symbol.dispose]();
      concurrency[Symbol.dispose]();
      leftScratch[Symbol.dispose]();
      await life[Symbol.asyncDispose]();
      await Promise.all(workers.map((worker) => worker.stop()));
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      redis.disconnect();
      storage.close();
    },
  };
});
