/**
 * `npm run recover`: puts back into Redis what the bucket knows and Redis does not, and says how far it is. The services do
 * the same by themselves when Redis has lost everything; this is for one that has lost a part, and for those who want to
 * watch. What Redis knows is left alone, so it may be run at any time, also while the house is open.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Config, readConfig } from '../shared/config.ts';
import { Misconfigured, StorageError } from '../shared/errors.ts';
import { openLedger } from '../shared/ledger/ledger.ts';
import { createLogger } from '../shared/logger.ts';
import { openQueue } from '../shared/queues.ts';
import type { RecoveryProgress } from '../shared/recovery/recover.ts';
import { recoverAlone } from '../shared/recovery/recover-alone.ts';
import { connectRedis } from '../shared/redis.ts';
import { redisTrouble } from '../shared/redis-trouble.ts';
import { EXIT_MISCONFIGURED } from '../shared/service.ts';
import { openStorage } from '../shared/storage/open.ts';

const SAY_EVERY_MS = 1_000;

try {
  await recover(readConfig(process.env));
} catch (error) {
  const expected = error instanceof Misconfigured || error instanceof StorageError;
  console.error(expected ? error.message : error);
  process.exitCode = error instanceof Misconfigured ? EXIT_MISCONFIGURED : 1;
}

async function recover(config: Config): Promise<void> {
  try {
    await putBack(config);
  } catch (error) {
    const trouble = error instanceof Error ? redisTrouble(error) : undefined;
    if (!trouble) throw error;
    const { host } = new URL(config.redisUrl);
    console.error(`Redis at ${host} ${trouble === 'away' ? 'does not answer' : 'has no memory left'}. See REDIS_URL.`);
    process.exitCode = 1;
  }
}

async function putBack(config: Config): Promise<void> {
  await using owned = new AsyncDisposableStack();
  const log = createLogger('recover', { logLevel: 'warn' });
  const storage = await openStorage(config.storage);
  owned.defer(() => storage.close());
  const redis = connectRedis(config.redisUrl, 'ask', createLogger('recover', { logLevel: 'silent' }));
  owned.defer(() => redis.disconnect());
  const transcode = openQueue('transcode', redis);
  owned.defer(() => transcode.close());
  const { keepOriginalsDays } = config;
  const rebuilding = { ledger: openLedger(redis), storage, transcode, keepOriginalsDays, log };

  const begun = performance.now();
  let recovered = await recoverAlone(rebuilding, paced(say));
  if (!recovered) console.log('another process is recovering the ledger: waiting for it');
  for (; !recovered; recovered = await recoverAlone(rebuilding, paced(say))) await pause(SAY_EVERY_MS);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const { batches, uploads, restored } = recovered;
  console.log(`${uploads} uploads of ${batches} batches in the bucket; ${restored} were put back, in ${seconds} s`);
}

function say({ step, done, of }: RecoveryProgress): void {
  console.log(`${step}: ${done} of ${of}`);
}

/** Told at most once a second, and at the end of each step. */
function paced(tell: (progress: RecoveryProgress) => void): (progress: RecoveryProgress) => void {
  let toldAt = performance.now();
  return (progress) => {
    if (progress.done < progress.of && performance.now() - toldAt < SAY_EVERY_MS) return;
    toldAt = performance.now();
    tell(progress);
  };
}
