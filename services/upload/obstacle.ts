/** Why uploads are refused before their body is read. Pure. */
import type { AdmissionConfig } from '../../shared/config.ts';
import { REDIS_MEMORY_LIMIT } from '../../shared/house-health.ts';
import type { Measures } from '../../shared/measures.ts';

/** What the door knew of its surroundings a moment ago. */
export interface Surroundings {
  /** What is away, in a person's words. */
  readonly away: 'queue' | 'storage' | undefined;
  /** undefined while Redis is away. */
  readonly measures: Pick<Measures, 'backlog' | 'transcoders' | 'redisMemoryShare'> | undefined;
  /** undefined where the store cannot say. */
  readonly storageFreeBytes: number | undefined;
  /** Whether the store has just refused a body for want of room. */
  readonly storageFull: boolean;
}

export interface Obstacle {
  readonly status: 503 | 507;
  readonly detail: string;
  readonly retryAfterSeconds: number;
}

/** @param bytes length that the request announces; 0 when it announces none. */
export function obstacleOf(
  { away, measures, storageFreeBytes, storageFull }: Surroundings,
  { maxQueue, minFreeBytes }: AdmissionConfig,
  bytes: number,
): Obstacle | undefined {
  if (away !== undefined) {
    return unavailable(`The ${away} cannot be reached just now. Try again in a moment.`, 5);
  }
  if (measures && measures.backlog >= maxQueue) {
    return unavailable(`${measures.backlog} files are waiting already, as many as may. Try again later.`, 60);
  }
  if ((measures?.redisMemoryShare ?? 0) > REDIS_MEMORY_LIMIT) {
    return unavailable('The queue has no memory left. Tell the operator, and try again later.', 60);
  }
  if (storageFull || (storageFreeBytes !== undefined && storageFreeBytes < minFreeBytes + bytes)) {
    return full('The storage is full. Tell the operator, and try again later.');
  }
  const transcoders = measures?.transcoders ?? [];
  if (transcoders.length > 0 && transcoders.every(({ freeBytes }) => freeBytes < minFreeBytes + bytes)) {
    return full('No transcoder has room to work on more files. Tell the operator, and try again later.');
  }
  return undefined;
}

const unavailable = (detail: string, retryAfterSeconds: number): Obstacle => ({
  status: 503,
  detail,
  retryAfterSeconds,
});
const full = (detail: string): Obstacle => ({ status: 507, detail, retryAfterSeconds: 60 });
