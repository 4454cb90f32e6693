/**
 * A Redis for one test or one file: `await using redis = await startRedis()`. A database of its own in the container of
 * the run, where there is one, else a redis-server of its own.
 */
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { startRedisProcess } from './redis-process.ts';

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
}

/** In database 0: the number of the database that was handed out last. */
const LAST_DATABASE = 'last-database';

export async function startRedis(): Promise<TestRedis> {
  const server = inject('servers')?.redis;
  return server === undefined ? startRedisProcess() : takeDatabase(server);
}

async function takeDatabase(server: string): Promise<TestRedis> {
  const redis = new Redis(server);
  try {
    const database = await redis.incr(LAST_DATABASE);
    const url = `${server}/${database}`;
    return { url, [Symbol.asyncDispose]: () => empty(url) };
  } finally {
    redis.disconnect();
  }
}

async function empty(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.flushdb();
  } finally {
    redis.disconnect();
  }
}
