/** From which value on the house is in which state, and why. */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { houseHealth } from '../../shared/house-health.ts';
import type { QueueMeasures, StoreMeasures } from '../../shared/measures.ts';

const { healthLimits, admission } = readConfig({
  BACKLOG_WARNING: '10',
  BACKLOG_CRITICAL: '20',
  OLDEST_WARNING_MINUTES: '5',
  OLDEST_CRITICAL_MINUTES: '60',
  FAILURES_WARNING_PERCENT: '20',
  FAILURES_CRITICAL_PERCENT: '60',
  MAX_QUEUE: '30',
  MIN_FREE_BYTES: '1000',
});
const MINUTE_MS = 60_000;

const well: QueueMeasures = {
  whole: true,
  backlog: 0,
  oldestWaitingMs: 0,
  settled: { count: 0, failed: 0, averageWaitMs: 0 },
  deadLetters: { waiting: 0, discarded: 0 },
  transcoders: [{ name: 'a', freeBytes: 1000 }],
  paused: false,
  redisMemoryShare: 0.9,
};
const store: StoreMeasures = { answers: true, freeBytes: 1000, full: false };

const health = (queue: Partial<QueueMeasures>, storage: Partial<StoreMeasures> = {}) =>
  houseHealth({ queue: { ...well, ...queue }, storage: { ...store, ...storage } }, healthLimits, admission);
const settled = (count: number, failed: number) => ({ settled: { count, failed, averageWaitMs: 0 } });
const transcoder = (freeBytes: number) => ({ name: String(freeBytes), freeBytes });

it('is healthy without a reason, also where Redis has no limit and the storage cannot say how much room it has', () => {
  expect(health({ redisMemoryShare: undefined }, { freeBytes: undefined })).toEqual({ state: 'healthy', reasons: [] });
});

describe('each limit, from both sides', () => {
  it.each([
    ['backlog', { backlog: 9 }, 'healthy'],
    ['backlog', { backlog: 10 }, 'warning'],
    ['backlog', { backlog: 19 }, 'warning'],
    ['backlog', { backlog: 20 }, 'critical'],
    ['oldest', { oldestWaitingMs: 5 * MINUTE_MS - 1 }, 'healthy'],
    ['oldest', { oldestWaitingMs: 5 * MINUTE_MS }, 'warning'],
    ['oldest', { oldestWaitingMs: 60 * MINUTE_MS - 1 }, 'warning'],
    ['oldest', { oldestWaitingMs: 60 * MINUTE_MS }, 'critical'],
    ['failures', settled(100, 19), 'healthy'],
    ['failures', settled(100, 20), 'warning'],
    ['failures', settled(100, 59), 'warning'],
    ['failures', settled(100, 60), 'critical'],
    ['failures of too few', settled(4, 4), 'healthy'],
    ['failures of enough', settled(5, 5), 'critical'],
    ['no transcoder, nothing to do', { transcoders: [] }, 'warning'],
    ['no transcoder, and files wait', { transcoders: [], backlog: 1 }, 'critical'],
    ['room in one WORK_DIR of two', { transcoders: [transcoder(999), transcoder(1000)] }, 'healthy'],
    ['no room in any WORK_DIR', { transcoders: [transcoder(999), transcoder(998)] }, 'critical'],
    ['paused', { paused: true }, 'warning'],
    ['memory', { redisMemoryShare: 0.901 }, 'critical'],
    ['recovering', { whole: false }, 'critical'],
  ] as const)('%s %j is %s', (_what, measures, state) => {
    const found = health(measures);
    expect(found.state).toBe(state);
    expect(found.reasons).toHaveLength(state === 'healthy' ? 0 : 1);
  });

  it.each([
    [{ answers: false, freeBytes: undefined }, 'critical'],
    [{ freeBytes: 999 }, 'critical'],
    [{ full: true }, 'critical'],
    [{ freeBytes: 1000 }, 'healthy'],
  ] as const)('storage %j is %s', (storage, state) => {
    expect(health({}, storage).state).toBe(state);
  });
});

it('is critical when the queue takes no more, whatever is a warning besides', () => {
  const lenient = { ...healthLimits, backlog: { warning: 10, critical: 1000 } };
  const at = (backlog: number) => houseHealth({ queue: { ...well, backlog }, storage: store }, lenient, admission);
  expect(at(29).state).toBe('warning');
  expect(at(30)).toEqual({
    state: 'critical',
    reasons: ['The queue is full: uploads are refused.', '30 files are waiting.'],
  });
});

it('is critical without Redis, and says what is known besides', () => {
  const storage = { ...store, answers: false };
  expect(houseHealth({ queue: undefined, storage }, healthLimits, admission)).toEqual({
    state: 'critical',
    reasons: ['Redis does not answer: uploads are refused.', 'The storage does not answer: uploads are refused.'],
  });
});
