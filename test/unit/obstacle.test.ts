/** What keeps the door from taking files, each limit from both sides. */
import { expect, it } from 'vitest';
import { ledgerObstacle, obstacleOf, queueObstacle, type Surroundings } from '../../services/upload/obstacle.ts';
import type { Load, StoreMeasures } from '../../shared/measures.ts';

const limits = { maxQueue: 10, minFreeBytes: 1000 };
const load: Load = { whole: true, backlog: 9, transcoders: [], redisMemoryShare: 0.9 };
const storage: StoreMeasures = { answers: true, freeBytes: 1000, full: false };
const around = (changes: Partial<Load> = {}, store: Partial<StoreMeasures> = {}): Surroundings => ({
  queueAnswers: true,
  load: { ...load, ...changes },
  storage: { ...storage, ...store },
});
const transcoder = (freeBytes: number) => ({ name: String(freeBytes), freeBytes });
const statusOf = (surroundings: Surroundings, bytes = 0, largestFileBytes = bytes) =>
  obstacleOf(surroundings, limits, { bytes, largestFileBytes })?.status;

it.each([
  ['all is as it may just be', around(), undefined],
  ['nobody has looked yet', { ...around(), load: undefined }, undefined],
  ['the queue is full', around({ backlog: 10 }), 503],
  ['Redis has hardly any memory left', around({ redisMemoryShare: 0.901 }), 503],
  ['Redis has no limit', around({ redisMemoryShare: undefined }), undefined],
  ['the ledger is being recovered', around({ whole: false }), 503],
  ['Redis is away', { ...around(), queueAnswers: false }, 503],
  ['the storage is away', around({}, { answers: false, freeBytes: undefined }), 503],
  ['the storage has hardly any room', around({}, { freeBytes: 999 }), 507],
  ['the storage cannot say', around({}, { freeBytes: undefined }), undefined],
  ['the storage has just refused a body', around({}, { full: true }), 507],
  ['one transcoder of two has room', around({ transcoders: [transcoder(999), transcoder(1000)] }), undefined],
  ['no transcoder has room', around({ transcoders: [transcoder(999), transcoder(0)] }), 507],
])('%s', (_what, surroundings, status) => {
  expect(statusOf(surroundings)).toBe(status);
});

it('counts what a request announces: all of it in the storage, one file at a time where it is rendered', () => {
  const roomy = around({ transcoders: [transcoder(1500)] }, { freeBytes: 2000 });
  expect([500, 501].map((bytes) => statusOf(roomy, bytes))).toEqual([undefined, 507]);
  expect([1000, 1001].map((bytes) => statusOf(roomy, bytes, 0))).toEqual([undefined, 507]);
});

it('says when to try again, and soon where that may help', () => {
  const after = (surroundings: Surroundings) =>
    obstacleOf(surroundings, limits, { bytes: 0, largestFileBytes: 0 })?.retryAfterSeconds;
  expect(after({ ...around(), queueAnswers: false })).toBe(5);
  expect(after(around({ backlog: 10 }))).toBe(60);
  expect(after(around({}, { full: true }))).toBe(60);
});

it('what needs no room is kept by the queue alone', () => {
  expect(queueObstacle(around({ backlog: 10 }, { answers: false, full: true }))).toBeUndefined();
  expect(queueObstacle({ ...around(), queueAnswers: false })?.status).toBe(503);
  expect(queueObstacle(around({ whole: false }))).toBeUndefined();
  expect(ledgerObstacle(around({ whole: false }))?.status).toBe(503);
});
