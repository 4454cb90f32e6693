/** Why uploads are refused before their body is read. Pure. */
import type { AdmissionConfig } from '../../shared/config.ts';
import { REDIS_MEMORY_LIMIT } from '../../shared/house-health.ts';
import type { Load, StoreMeasures } from '../../shared/measures.ts';

/** What the door knew of its surroundings a moment ago. */
export interface Surroundings {
  readonly queueAnswers: boolean;
  /** undefined before Redis has answered for the first time. */
  readonly load: Load | undefined;
  readonly storage: StoreMeasures;
}

/** What a request brings, as far as it announces that; 0 where it does not. */
export interface Announced {
  readonly bytes: number;
  readonly largestFileBytes: number;
}

export interface Obstacle {
  readonly status: 503 | 507;
  readonly detail: string;
  readonly retryAfterSeconds: number;
}

/** What keeps the door from answering anything about batches and uploads. */
export function queueObstacle({ queueAnswers }: Pick<Surroundings, 'queueAnswers'>): Obstacle | undefined {
  return queueAnswers ? undefined : away('queue');
}

/** What keeps it from taking anything new, besides. */
export function ledgerObstacle(surroundings: Surroundings): Obstacle | undefined {
  const { load } = surroundings;
  return queueObstacle(surroundings) ?? (load?.whole === false ? unavailable(RECOVERING, 5) : undefined);
}

/** What keeps the door from taking files. */
export function obstacleOf(
  surroundings: Surroundings,
  { maxQueue, minFreeBytes }: AdmissionConfig,
  { bytes, largestFileBytes }: Announced,
): Obstacle | undefined {
  const { load, storage } = surroundings;
  const obstacle = ledgerObstacle(surroundings);
  if (obstacle) return obstacle;
  if (!storage.answers) return away('storage');
  if (load && load.backlog >= maxQueue) {
    return unavailable(`${load.backlog} files are waiting already, as many as may. Try again later.`, 60);
  }
  if ((load?.redisMemoryShare ?? 0) > REDIS_MEMORY_LIMIT) {
    return unavailable('The queue has no memory left. Tell the operator, and try again later.', 60);
  }
  const hasRoom = (freeBytes: number, needed: number) => freeBytes >= minFreeBytes + needed;
  if (storage.full || (storage.freeBytes !== undefined && !hasRoom(storage.freeBytes, bytes))) {
    return full('The storage is full. Tell the operator, and try again later.');
  }
  const transcoders = load?.transcoders ?? [];
  // They work on one file at a time.
  if (transcoders.length > 0 && !transcoders.some(({ freeBytes }) => hasRoom(freeBytes, largestFileBytes))) {
    return full('No transcoder has room to work on more files. Tell the operator, and try again later.');
  }
  return undefined;
}

export const RECOVERING = 'The house is being put together again after a loss of its index. Try again in a moment.';

const away = (what: 'queue' | 'storage') =>
  unavailable(`The ${what} cannot be reached just now. Try again in a moment.`, 5);
const unavailable = (detail: string, retryAfterSeconds: number): Obstacle => ({
  status: 503,
  detail,
  retryAfterSeconds,
});
const full = (detail: string): Obstacle => ({ status: 507, detail, retryAfterSeconds: 60 });
