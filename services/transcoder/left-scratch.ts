/** Scratch space of transcoders that do not come back under their names, on a WORK_DIR that several share. */
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { liveTranscoders } from '../../shared/ledger/transcoders.ts';
import type { Booth } from './booth.ts';

const LOOK_EVERY_MS = 3_600_000;
/** WORK_DIR may hold what is not ours: only what is named as an upload is. */
const UPLOAD_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Removes it now and every hour, until it is disposed. One that fails is tried again at the next time. */
export function watchLeftScratch(booth: Booth): Disposable {
  const look = () =>
    removeLeftScratch(booth).catch((error) => booth.log.warn({ err: error }, 'scratch of the dead was not removed'));
  void look();
  const looking = setInterval(look, LOOK_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(looking) };
}

/** What has changed within the lease may be of a transcoder that has only just started. */
export async function removeLeftScratch({ ledger, config, log }: Pick<Booth, 'ledger' | 'config' | 'log'>) {
  const { workDir, workerName, lease } = config;
  const found = await directoriesIn(workDir);
  const live = new Set((await liveTranscoders(ledger)).map(({ name }) => name));
  for (const transcoder of found) {
    if (transcoder === workerName || live.has(transcoder)) continue;
    for (const upload of await directoriesIn(join(workDir, transcoder))) {
      const directory = join(workDir, transcoder, upload);
      if (!UPLOAD_ID.test(upload) || (await changedAt(directory)) > Date.now() - lease.leaseMs) continue;
      await rm(directory, { recursive: true, force: true });
      log.warn({ transcoder, upload }, 'removed the scratch space of a transcoder that is gone');
      // Fails where there is more in it.
      await rmdir(join(workDir, transcoder)).catch(() => {});
    }
  }
}

async function directoriesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Of the directory or anything in it, ms since 1970. */
async function changedAt(directory: string): Promise<number> {
  const paths = [directory, ...(await readdir(directory, { recursive: true })).map((name) => join(directory, name))];
  const times = await Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs));
  return Math.max(...times);
}
