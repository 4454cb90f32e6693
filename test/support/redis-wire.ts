/** The wire to a Redis: a proxy that knows which of its commands matters to a test. */
import { startProxy } from './proxy.ts';
import type { TestRedis } from './redis.ts';

export interface RedisWire extends TestRedis {
  /** How often the connection was lost because of the command. */
  readonly cuts: () => number;
  /** From now on everything passes. */
  mend(): void;
}

/**
 * @param names what a command that matters has in it, all of it.
 * @param where the connection is lost: before the command reaches Redis, or after it was carried out and before its answer.
 * @param atMost so often.
 */
export async function startRedisWire(
  redis: TestRedis,
  names: readonly string[],
  where: 'before' | 'after',
  atMost = Number.POSITIVE_INFINITY,
): Promise<RedisWire> {
  let cuts = 0;
  let mended = false;
  let carriedOut = false;
  const proxy = await startProxy(
    redis.url,
    (answer) => {
      if (!carriedOut) return answer;
      carriedOut = false;
      cuts++;
      return undefined;
    },
    (request) => {
      const matters = !mended && cuts < atMost && names.every((name) => request.includes(name));
      if (!matters) return 'passed';
      if (where === 'after') {
        carriedOut = true;
        return 'passed';
      }
      cuts++;
      return 'cut';
    },
  );
  const url = new URL(redis.url);
  url.host = new URL(proxy.url).host;
  return {
    url: url.href.replace(/\/$/, ''),
    cuts: () => cuts,
    mend() {
      mended = true;
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}
