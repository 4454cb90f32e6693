/** The limit for what has none of its own. */
import { stat } from 'node:fs/promises';
import { setImmediate as afterReading } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTime } from '../../shared/in-time.ts';

const late = () => new Error('late');

it('gives the answer, or throws when it does not come', async () => {
  expect(await inTime(Promise.resolve(1), 1000, late)).toBe(1);
  await expect(inTime(new Promise(() => {}), 10, late)).rejects.toThrow('late');
  await expect(inTime(Promise.reject(new Error('no')), 1000, late)).rejects.toThrow('no');
});

it('takes an answer that came while this process itself was held up', async () => {
  // From here on timers come next, before what has arrived is read.
  await afterReading();
  const answer = inTime(stat(import.meta.filename), 20, late);
  const heldUpUntil = performance.now() + 200;
  while (performance.now() < heldUpUntil);
  expect((await answer).isFile()).toBe(true);
});
