/** The servers of a test run are gone with it, however it ends. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { launchProgram, ROOT } from '../support/command-process.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const SET_UP = join(ROOT, 'test/support/run-servers/setup.ts');

const CONFIG = `export default { test: { globals: true, globalSetup: [${JSON.stringify(SET_UP)}] } };`;
const TESTS = `
  import { inject } from ${JSON.stringify(join(ROOT, 'node_modules/vitest/dist/index.js'))};
  test('hangs', () => {
    process.stdout.write('MinIO at ' + inject('servers').minio.endpoint + ' is up\\n');
    return new Promise(() => {});
  }, 60_000);
`;

describe('MinIO and its files', needs.s3, () => {
  test('are gone after a run that was killed with -9', async () => {
    await using directory = await temporaryDirectory();
    const temporary = join(directory.path, 'tmp');
    await mkdir(temporary);
    await writeFile(join(directory.path, 'vitest.config.mjs'), CONFIG);
    await writeFile(join(directory.path, 'hanging.test.ts'), TESTS);
    const args = [VITEST, 'run', '--root', directory.path, '--pool', 'forks'];
    await using run = launchProgram(process.execPath, args, { TMPDIR: temporary });
    const endpoint = await eventually(
      () => {
        const found = /MinIO at (\S+) is up/.exec(run.stdout())?.[1];
        if (found === undefined) throw new Error(run.stdout() + run.stderr());
        return found;
      },
      { within: 40_000 },
    );
    const answers = () =>
      fetch(`${endpoint}/minio/health/live`).then(
        ({ status }) => status,
        () => 'nobody',
      );
    expect(await answers()).toBe(200);
    process.kill(run.pid, 'SIGKILL');
    await expect.poll(answers, { timeout: 15_000 }).toBe('nobody');
    const left = async () => (await readdir(temporary)).filter((name) => name.startsWith('projectionist-'));
    await expect.poll(left, { timeout: 5000 }).toEqual([]);
  });
});
