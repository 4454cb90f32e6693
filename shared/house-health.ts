/** How the house is: healthy, warning or critical, and why. Pure. */
import type { AdmissionConfig, HealthLimits, Threshold } from './config.ts';
import type { Measures } from './measures.ts';

export type HouseState = 'healthy' | 'warning' | 'critical';

export interface HouseHealth {
  readonly state: HouseState;
  /** One sentence each, the critical ones first. */
  readonly reasons: readonly string[];
}

/** From here on Redis is about to refuse work. */
export const REDIS_MEMORY_LIMIT = 0.9;
/** Fewer than so many say nothing about a share of failures. */
const FEWEST_SETTLED = 5;
const MINUTE_MS = 60_000;

export function houseHealth(measures: Measures, limits: HealthLimits, admission: AdmissionConfig): HouseHealth {
  const { backlog, oldestWaitingMs, settled, transcoders, paused, redisMemoryShare } = measures;
  const failedPercent = settled.count < FEWEST_SETTLED ? 0 : Math.round((100 * settled.failed) / settled.count);
  const found: readonly (readonly [HouseState, string])[] = [
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
    [
      transcoders.length > 0 && transcoders.every(({ freeBytes }) => freeBytes < admission.minFreeBytes)
        ? 'critical'
        : 'healthy',
      'No transcoder has room in its WORK_DIR: uploads are refused.',
    ],
    [
      (redisMemoryShare ?? 0) > REDIS_MEMORY_LIMIT ? 'critical' : 'healthy',
      'Redis is near its memory limit: uploads are refused.',
    ],
  ];
  const troubles = (state: HouseState) => found.flatMap(([is, why]) => (is === state ? [why] : []));
  const [critical, warning] = [troubles('critical'), troubles('warning')];
  const state = critical.length > 0 ? 'critical' : warning.length > 0 ? 'warning' : 'healthy';
  return { state, reasons: [...critical, ...warning] };
}

const grade = (value: number, { warning, critical }: Threshold): HouseState =>
  value >= critical ? 'critical' : value >= warning ? 'warning' : 'healthy';
