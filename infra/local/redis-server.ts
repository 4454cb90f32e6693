/** A redis-server of our own: how it is called, and when it answers. */
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pause } from './pause.ts';

export const REDIS_CONFIG = join(import.meta.dirname, '../redis.conf');
const ASK_EVERY_MS = 50;

export interface RedisPlace {
  readonly port: number;
  /** Absolute and existing; holds the append-only files. Two servers in one directory destroy each other's data. */
  readonly directory: string;
}

/** The command line; it listens on loopback only. */
export function redisCommand({ port, directory }: RedisPlace): [file: string, args: string[]] {
  return ['redis-server', [REDIS_CONFIG, '--bind', '127.0.0.1', '--port', String(port), '--dir', directory]];
}

export const redisUrl = (port: number) => `redis://127.0.0.1:${port}`;

/** Resolves when the server answers, its data read; rejects with the signal's reason. */
export async function redisAnswers(url: string, signal: AbortSignal): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  // Without a listener ioredis prints every refused connection.
  redis.on('error', () => {});
  try {
    while (!(await pinged(redis))) await pause(ASK_EVERY_MS, signal);
  } finally {
    redis.disconnect();
  }
}

async function pinged(redis: Redis): Promise<boolean> {
  try {
    if (redis.status === 'wait' || redis.status === 'end') await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  }
}
