/** How the house is, as the door sees it. Answers soon, whatever is away. */
import { type HouseHealth, houseHealth } from '../../shared/house-health.ts';
import { inTime } from '../../shared/in-time.ts';
import { type QueueMeasures, readMeasures, type StoreMeasures } from '../../shared/measures.ts';
import { redisTrouble } from '../../shared/redis-trouble.ts';
import type { Door } from './door.ts';

const ANSWER_WITHIN_MS = 1_000;

export interface House {
  readonly health: HouseHealth;
  /** undefined when Redis does not answer. */
  readonly queue: QueueMeasures | undefined;
  readonly storage: StoreMeasures;
}

export async function lookAtHouse(door: Door): Promise<House> {
  const { storage } = door.lookout.surroundings();
  const queue = await askRedis(door, () => readMeasures(door.ledger, door.transcode));
  const { healthLimits, admission } = door.config;
  return { health: houseHealth({ queue, storage }, healthLimits, admission), queue, storage };
}

/** undefined when Redis does not answer in time, or is known not to. */
export async function askRedis<T>({ lookout }: Door, question: () => Promise<T>): Promise<T | undefined> {
  if (!lookout.surroundings().queueAnswers) return undefined;
  const late = () => new Error('Redis does not answer');
  try {
    return await inTime(question(), ANSWER_WITHIN_MS, late);
  } catch (error) {
    if (error instanceof Error && redisTrouble(error)) return undefined;
    throw error;
  }
}
