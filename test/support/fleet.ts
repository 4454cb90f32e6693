/**
 * A door with transcoders as processes of their own that nobody starts again: what is killed stays dead until the test
 * brings it back. Redis is of the fleet's own, and its ffmpeg counts and spoils renders as told.
 */
import { dirname, join } from 'node:path';
import type { BatchView } from '../../services/upload/views.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { Client } from './client.ts';
import { startDoor, type TestDoor } from './door.ts';
import { eventually } from './eventually.ts';
import { type FaultyFfmpeg, faultyFfmpeg } from './faulty-ffmpeg.ts';
import { startRedisProcess, type TestRedisProcess } from './redis-process.ts';
import { type ServiceProcess, startService } from './service.ts';

type Environment = Readonly<Record<string, string>>;

export interface Fleet extends AsyncDisposable {
  readonly door: TestDoor;
  readonly client: Client;
  readonly redis: TestRedisProcess;
  readonly ffmpeg: FaultyFfmpeg;
  /** What the services run with. */
  readonly env: Environment;
  /** One more transcoder, stopped with the fleet unless it was before. */
  transcoder(name: string, env?: Environment): Promise<ServiceProcess>;
  /** Name of the transcoder that holds a render slot, once one does. */
  busy(): Promise<string>;
  /** The batch, once all its uploads have settled. */
  finished(batch: string): Promise<BatchView>;
}

const FINISHED_WITHIN_MS = 30_000;

/** @param env settings of the transcoders. */
export async function startFleet(env: Environment = {}): Promise<Fleet> {
  await using owned = new AsyncDisposableStack();
  const redis = owned.use(await startRedisProcess());
  const door = owned.use(await startDoor({}, async () => ({ url: redis.url, [Symbol.asyncDispose]: async () => {} })));
  const dataDir = dirname(door.storageDirectory);
  const ffmpeg = await faultyFfmpeg(join(dataDir, 'bin'));
  const settings = {
    ...ffmpeg.env,
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    LEASE_MS: '4000',
    LEASE_RENEW_MS: '300',
    STALLED_CHECK_MS: '500',
    RETRY_BASE_MS: '200',
    ALERT_GATHER_SECONDS: '0',
    LOG_LEVEL: 'fatal',
    ...env,
  };
  const client = new Client(door.url);
  const running = owned.move();
  return {
    door,
    client,
    redis,
    ffmpeg,
    env: settings,
    async transcoder(name, more = {}) {
      const transcoder = await startService('transcoder', { ...settings, WORKER_NAME: name, ...more });
      return running.use(transcoder);
    },
    busy: () =>
      eventually(
        async () => {
          const [holder] = await door.ledger.redis.zrange(ledgerKey.slots, 0, 0);
          if (holder === undefined) throw new Error('nobody renders');
          return holder.split('/')[0] ?? '';
        },
        { within: 10_000 },
      ),
    finished: (batch) =>
      eventually(
        async () => {
          const { body } = await client.readBatch(batch);
          if (body.state !== 'finished') throw new Error(`not finished: ${JSON.stringify(body.uploads)}`);
          return body;
        },
        { within: FINISHED_WITHIN_MS },
      ),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
