import { expect, test } from 'vitest';
import { pause } from '../../infra/local/pause.ts';

test('a pause that is cut short throws the reason for it', async () => {
  const stop = new AbortController();
  const reason = new Error('asked to stop');
  const pausing = pause(60_000, stop.signal);
  stop.abort(reason);
  await expect(pausing).rejects.toBe(reason);
});
