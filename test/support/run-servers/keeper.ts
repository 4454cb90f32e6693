/**
 * Holds the servers of a run in a process of its own, which outlives the run for as long as it takes to remove them:
 * however the run ends, kill -9 included, the channel to it closes.
 */
import { once } from 'node:events';
import { findMinio } from '../../../infra/install/minio.mjs';
import { dockerAnswers } from './containers.ts';
import { startRunMinio } from './minio.ts';
import { startRunRedis } from './redis.ts';
import type { RunServers } from './run-servers.ts';

const end = new AbortController();
process.once('disconnect', () => end.abort());

{
  await using owned = new AsyncDisposableStack();
  const docker = await dockerAnswers();
  const [minio, redis] = await Promise.all([startRunMinio(docker, owned, end.signal), startRunRedis(docker, owned)]);
  const servers: RunServers = { minio, redis, hasMinioProgram: findMinio() !== undefined };
  if (!end.signal.aborted) {
    process.send?.(servers);
    await once(end.signal, 'abort');
  }
}
process.exit();
