/** What dead transcoders leave on a WORK_DIR that several share. */
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeLeftScratch } from '../../services/transcoder/left-scratch.ts';
import { readConfig } from '../../shared/config.ts';
import { reportTranscoder } from '../../shared/ledger/transcoders.ts';
import { createLogger } from '../../shared/logger.ts';
import { startDoor } from '../support/door.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const UPLOAD = '0193f6a4-7f3e-7c5d-9b1e-000000000001';

it('goes when they are gone and nothing has changed in it; nothing else does', async () => {
  await using door = await startDoor();
  await using work = await temporaryDirectory();
  const config = readConfig({ WORK_DIR: work.path, WORKER_NAME: 'own', LEASE_MS: '60000' });
  const old = new Date(Date.now() - 120_000);
  for (const name of ['own', 'live', 'dead', 'starting', 'not-ours']) {
    const upload = join(work.path, name, name === 'not-ours' ? 'photos' : UPLOAD);
    await mkdir(join(upload, 'out'), { recursive: true });
    await writeFile(join(upload, 'source'), 'x');
    for (const path of [join(upload, 'out'), join(upload, 'source'), upload]) await utimes(path, old, old);
    if (name === 'starting') await writeFile(join(upload, 'source'), 'y');
  }
  await reportTranscoder(door.ledger, { name: 'live', freeBytes: 1 });
  const log = createLogger('test', { logLevel: 'silent' });
  await removeLeftScratch({ config, ledger: door.ledger, log });
  expect((await readdir(work.path)).toSorted()).toEqual(['live', 'not-ours', 'own', 'starting']);
});
