/** How the house is: healthy, warning or critical, and why. Pure. */
import type { AdmissionConfig, HealthLimits, Threshold } from './config.ts';
import type { QueueMeasures, StoreMeasures } from './measures.ts';

export const HOUSE_STATES = ['healthy', 'warning', 'critical'] as const;
export type HouseState = (typeof HOUSE_STATES)[number];

export interface HouseHealth {
  readonly state: HouseState;
  /** One sentence each, the critical ones first. */
  readonly reasons: readonly string[];
}

/** What there is to say if the state is not `healthy`. */
type Finding = readonly [state: HouseState, reason: string];

/** From here on Redis is about to refuse work. */
export const REDIS_MEMORY_LIMIT = 0.9;
/** Fewer than so many say nothing about a share of failures. */
const FEWEST_SETTLED = 5;
const MINUTE_MS = 60_000;

/** @param queue undefined when Redis does not answer. */
export function houseHealth(
  { queue, storage }: { readonly queue: QueueMeasures | undefined; readonly storage: StoreMeasures },
  limits: HealthLimits,
  admission: AdmissionConfig,
): HouseHealth {
  const found: readonly Finding[] = [
    ...(queue
      ? findings(queue, limits, admission)
      : [['critical', 'Redis does not answer: uploads are refused.'] as const]),
    [storage.answers ? 'healthy' : 'critical', 'The storage does not answer: uploads are refused.'],
    [isFull(storage, admission) ? 'critical' : 'healthy', 'The storage is full: uploads are refused.'],
  ];
  const troubles = (state: HouseState) => found.flatMap(([is, why]) => (is === state ? [why] : []));
  const [critical, warning] = [troubles('critical'), troubles('warning')];
  const state = critical.length > 0 ? 'critical' : warning.length > 0 ? 'warning' : 'healthy';
  return { state, reasons: [...critical, ...warning] };
}

function findings(queue: QueueMeasures, limits: HealthLimits, admission: AdmissionConfig): readonly Finding[] {
  const { whole, backlog, oldestWaitingMs, settled, transcoders, paused, redisMemoryShare = 0 } = queue;
  const failedPercent = settled.count < FEWEST_SETTLED ? 0 : Math.round((100 * settled.failed) / settled.count);
  const roomless = transcoders.length > 0 && transcoders.every(({ freeBytes }) => freeBytes < admission.minFreeBytes);
  return [
    [whole ? 'healthy' : 'critical', 'The index is being rebuilt from the storage: uploads are refused.'],
    [grade(backlog, limits.backlog), `${backlog} files are waiting.`],
    [
      grade(oldestWaitingMs, limits.oldestMs),
      `The file at the head of the queue has been waiting for ${Math.round(oldestWaitingMs / MINUTE_MS)} minutes.`,
    ],
    [
      grade(failedPercent, limits.failedPercent),
      `${failedPercent} % of the ${settled.count} files settled in the last hour failed.`,
    ],
    [
      transcoders.length > 0 ? 'healthy' : backlog > 0 ? 'critical' : 'warning',
      'No transcoder has given a sign of life for half a minute.',
    ],
    [paused ? 'warning' : 'healthy', 'The queue is paused.'],
    [backlog >= admission.maxQueue ? 'critical' : 'healthy', 'The queue is full: uploads are refused.'],
    [roomless ? 'critical' : 'healthy', 'No transcoder has room in its WORK_DIR: uploads are refused.'],
    [
      redisMemoryShare > REDIS_MEMORY_LIMIT ? 'critical' : 'healthy',
      'Redis is near its memory limit: uploads are refused.',
    ],
  ];
}

const isFull = ({ full, freeBytes }: StoreMeasures, { minFreeBytes }: AdmissionConfig) =>
  full || (freeBytes !== undefined && freeBytes < minFreeBytes);

const grade = (value: number, { warning, critical }: Threshold): HouseState =>
  value >= critical ? 'critical' : value >= warning ? 'warning' : 'healthy';
