/** Redis's clock: hosts' clocks differ. */
import type { Ledger } from './ledger.ts';

/** ms since 1970. */
export async function redisTime({ redis }: Ledger): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
