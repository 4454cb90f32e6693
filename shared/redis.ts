/** Connections to Redis. */
import { Redis } from 'ioredis';
import type { Logger } from './logger.ts';

/** All keys of the house, the queues' too, share one hash slot, so that one transaction may touch them. */
export const KEY_PREFIX = '{projectionist}';

/** A Redis that takes the command and says nothing is as good as away. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * - `ask`: a request waits for the answer, so a Redis that is away is an error after a second or two.
 * - `work`: a worker outlives an outage: commands wait until Redis is back (BullMQ requires it of its workers).
 */
export function connectRedis(url: string, use: 'ask' | 'work', log: Logger): Redis {
  const redis = new Redis(url, {
    retryStrategy: (times) => Math.min(times * 200, 2000),
    ...(use === 'work'
      ? { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 1, commandTimeout: ANSWER_WITHIN_MS }),
  });
  redis.on('error', (error) => log.warn({ err: error }, `Redis: ${error.message}`));
  return redis;
}
