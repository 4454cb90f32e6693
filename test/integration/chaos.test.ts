/** A short chaos run: few files and kills; `npm run test:chaos` does the long ones. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { launchProgram, ROOT } from '../support/command-process.ts';
import { needs } from '../support/needs.ts';

const SETTINGS = {
  FILES: '5',
  KILLS: '3',
  OUTAGES: '2',
  OUTAGE_SECONDS: '1',
  LEASE_SECONDS: '4',
  WEDGED_AFTER_SECONDS: '120',
  KEEP_LOGS: join(tmpdir(), 'projectionist-chaos-logs'),
};
/** The run gives up by itself before that, when it is wedged. */
const ENDS_WITHIN_MS = 220_000;

const options = { ...needs.linux, timeout: ENDS_WITHIN_MS + 20_000 };

it('every promise holds while processes are killed and dependencies cut off', options, async () => {
  await using run = launchProgram(process.execPath, [join(ROOT, 'test/chaos/run.ts')], SETTINGS);
  const over = new AbortController();
  try {
    const code = await Promise.race([run.ended, pause(ENDS_WITHIN_MS, 'still running', { signal: over.signal })]);
    expect(run.stdout()).toContain('all checks hold');
    expect(code).toBe(0);
  } finally {
    over.abort();
    console.log(`${run.stdout()}${run.stderr()}The logs of a run that fails are in ${SETTINGS.KEEP_LOGS}.`);
  }
});
