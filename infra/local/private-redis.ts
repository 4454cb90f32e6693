/** The Redis of one stack: its own port on loopback, its files in DATA_DIR/redis. */
import { join } from 'node:path';
import type { DataDir } from './data-dir.ts';
import { freePort } from './free-port.ts';
import { endLeftoverServer } from './leftover-server.ts';
import { redisAnswers, redisCommand, redisUrl } from './redis-server.ts';
import type { Starting } from './starting.ts';

/** @returns its URL, the same for as long as the stack lives. */
export async function startPrivateRedis(directories: DataDir, starting: Starting): Promise<string> {
  await endLeftoverServer(join(directories.run, 'redis.pid'), directories.redis);
  const port = await freePort();
  const url = redisUrl(port);
  const supervised = await starting.supervise({
    name: 'redis',
    command: redisCommand({ port, directory: directories.redis }),
    env: process.env,
    announcesReady: false,
  });
  starting.owned.defer(supervised.stop);
  await starting.comeUp([{ supervised, up: (signal) => redisAnswers(url, signal) }]);
  return url;
}
