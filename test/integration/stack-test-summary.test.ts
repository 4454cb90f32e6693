/** The end of `npm test`: a machine reads its last line, a person the names above it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launchProgram, ROOT } from '../support/command-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const REPORTER = join(ROOT, 'test/support/summary-reporter.ts');

const TESTS = `
  test('passes', () => {});
  test('fails', () => expect(1).toBe(2));
  describe('with a server', { skip: true, meta: { needs: 'a server' } }, () => test('is skipped', () => {}));
  test('sees that it cannot run', ({ skip }) => skip('it is Sunday'));
  test.skip('was switched off', () => {});
`;

test('skipped tests are named with their reasons, and the counts are the last line', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'some.test.ts'), TESTS);
  // Has no test that could fail, and is a failure all the same.
  await writeFile(join(directory.path, 'broken.test.ts'), 'throw new Error("does not load")');
  const args = [VITEST, 'run', '--root', directory.path, '--globals', '--reporter', REPORTER];
  await using run = launchProgram(process.execPath, args, {});
  expect(await run.ended).toBe(1);
  expect(run.stdout().trimEnd().split('\n').slice(-4)).toEqual([
    'skipped: some.test.ts > with a server > is skipped: needs a server',
    'skipped: some.test.ts > sees that it cannot run: it is Sunday',
    'skipped: some.test.ts > was switched off: no reason given',
    '1 passed, 2 failed, 3 skipped',
  ]);
});
