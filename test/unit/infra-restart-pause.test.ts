import { expect, test } from 'vitest';
import { restartPause } from '../../infra/local/restart-pause.ts';

test('the pause doubles from half a second to thirty while a process dies young', () => {
  const pauses: number[] = [];
  for (let death = 0; death < 9; death++) pauses.push(restartPause(pauses.at(-1), 100));
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('a process that was up for half a minute starts over', () => {
  expect(restartPause(16_000, 29_999)).toBe(30_000);
  expect(restartPause(16_000, 30_000)).toBe(500);
});
