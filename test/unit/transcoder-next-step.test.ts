import { describe, expect, it } from 'vitest';
import { awayDependency, nextStep, retryPause } from '../../services/transcoder/next-step.ts';
import { FileFault, StorageError, type StorageTrouble } from '../../shared/errors.ts';
import { type ToolEnd, ToolFailed } from '../../shared/run-tool.ts';

const storage = (trouble: StorageTrouble) => new StorageError(trouble, `the store said ${trouble}`);
const tool = (end: Partial<ToolEnd>) => new ToolFailed('ffmpeg failed', { output: 'last words', ...end });
const system = (code: string) => Object.assign(new Error(`${code}: of the system`), { code });
const redis = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });
const certain = new FileFault('The file is damaged.', 'moov atom not found');
const uncertain = new FileFault('The file makes the converter crash.', 'SIGSEGV', { certain: false });

describe('after a failed try', () => {
  it.each<[string, Error, RegExp]>([
    ['a store that is away', storage('away'), /storage cannot be reached/],
    ['a store that refuses us', storage('refused'), /operator/],
    ['a store that is full', storage('no-space'), /storage is full/],
    ['a disk that is full', system('ENOSPC'), /disk of WORK_DIR/],
    ['a quota that is used up', system('EDQUOT'), /disk of WORK_DIR/],
    ['a converter that found the disk full', tool({ trouble: 'no-space' }), /disk of WORK_DIR/],
    ['a Redis without memory', redis("OOM command not allowed when used memory > 'maxmemory'."), /maxmemory/],
    ['a Redis that is a replica now', redis("READONLY You can't write against a read only replica."), /Redis/],
  ])('%s is waited for, also after the last try and in the last try of a dead letter', (_what, error, what) => {
    for (const [attempt, attempts] of [
      [1, 4],
      [4, 4],
      [Number.POSITIVE_INFINITY, 0],
    ] as const) {
      expect(nextStep(error, attempt, attempts)).toEqual({ step: 'wait', what: expect.stringMatching(what) });
    }
    expect(awayDependency(error)).toMatch(what);
  });

  it.each<[string, Error]>([
    ['what nobody knows', new Error('?')],
    ['a lack of memory', tool({ trouble: 'no-memory' })],
    ['another error of the system', system('EMFILE')],
  ])('%s is tried again as often as there are tries', (_what, error) => {
    expect([1, 2, 3, 4, 5].map((attempt) => nextStep(error, attempt, 4).step)).toEqual([
      'retry',
      'retry',
      'retry',
      'give-up',
      'give-up',
    ]);
    expect(awayDependency(error)).toBeUndefined();
    expect(nextStep(error, 1, 1).step).toBe('give-up');
  });

  it('a fault of the file is given up at once when it is certain, and after a second one when it is not', () => {
    expect(nextStep(certain, 1, 4).step).toBe('give-up');
    expect([1, 2].map((attempt) => nextStep(uncertain, attempt, 4).step)).toEqual(['retry', 'give-up']);
    expect(nextStep(uncertain, 1, 1).step).toBe('give-up');
  });

  it('an original that is gone is given up at once', () => {
    expect(nextStep(storage('not-found'), 1, 4)).toMatchObject({
      step: 'give-up',
      reason: expect.stringContaining('again'),
    });
    expect(awayDependency(storage('not-found'))).toBeUndefined();
  });

  it('the instructor reads the reason, the operator the words of the tool', () => {
    expect(nextStep(certain, 1, 4)).toEqual({
      step: 'give-up',
      reason: 'The file is damaged.',
      toolOutput: 'moov atom not found',
    });
    const machine = nextStep(tool({}), 1, 4);
    expect(machine).toMatchObject({ reason: expect.stringContaining('on our side') });
    expect(machine).toMatchObject({ toolOutput: 'ffmpeg failed\nlast words' });
    expect(nextStep('thrown as a text', 1, 4)).toMatchObject({ step: 'retry', toolOutput: 'thrown as a text' });
  });
});

describe('the pause before the next try', () => {
  it('doubles with each, and is up to a quarter longer', () => {
    expect([1, 2, 3, 4].map((attempt) => retryPause(attempt, 5000, 0))).toEqual([5000, 10_000, 20_000, 40_000]);
    expect(retryPause(1, 5000, 1)).toBe(6250);
    expect(retryPause(3, 5000, 0.5)).toBe(22_500);
    expect(retryPause(4, 0, 0.9)).toBe(0);
  });
});
