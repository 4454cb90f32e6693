/** The Redis of a run where Docker answers: one container, configured as the embedded one, with a database for each test. */
import { randomBytes } from 'node:crypto';
import { GenericContainer } from 'testcontainers';
import { REDIS_CONFIG } from '../../../infra/local/redis-server.ts';
import { startContainer } from './containers.ts';

const IMAGE = 'redis:8';
const PORT = 6379;
const CONFIG = '/projectionist/redis.conf';

/** What one test would do to all the others. */
const FORBIDDEN = ['FLUSHALL', 'SHUTDOWN'].flatMap((command) => ['--rename-command', command, '']);

/** A run uses about a hundred. */
const DATABASES = 4096;

/** @returns its URL, without a database. */
export async function startRunRedis(docker: boolean, owned: AsyncDisposableStack): Promise<string | undefined> {
  const password = randomBytes(24).toString('base64url');
  const container = new GenericContainer(IMAGE)
    .withCopyFilesToContainer([{ source: REDIS_CONFIG, target: CONFIG }])
    .withCommand(['redis-server', CONFIG, '--databases', `${DATABASES}`, '--requirepass', password, ...FORBIDDEN])
    .withExposedPorts(PORT);
  const started = docker ? await startContainer('Redis', container, owned) : undefined;
  console.log(started ? `Redis: container ${IMAGE}` : 'Redis: redis-server, one for each test');
  return started && `redis://:${password}@${started.getHost()}:${started.getMappedPort(PORT)}`;
}
