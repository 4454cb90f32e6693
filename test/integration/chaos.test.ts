/** A short chaos run: few files and kills; `npm run test:chaos` does the long ones. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { launchProgram, ROOT } from '../support/command-process.ts';
import { needs } from '../support/needs.ts';

const SETTINGS = { FILES: '5', KILLS: '3', OUTAGE_SECONDS: '1', LEASE_SECONDS: '4' };
const ENDS_WITHIN_MS = 240_000;

const options = { ...needs.linux, timeout: ENDS_WITHIN_MS };

it('every promise holds while processes are killed and dependencies cut off', options, async () => {
  await using run = launchProgram(process.execPath, [join(ROOT, 'test/chaos/run.ts')], SETTINGS);
  const code = await run.ended;
  console.log(run.stdout());
  expect(run.stdout() + run.stderr()).toContain('all checks hold');
  expect(code).toBe(0);
});
