/** The directories of the embedded stack under DATA_DIR. The store makes its own. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Misconfigured } from '../../shared/errors.ts';

export interface DataDir {
  /** Pids and the lock. */
  readonly run: string;
  readonly log: string;
  readonly redis: string;
  /** Caught mails. */
  readonly mail: string;
}

/** @throws Misconfigured when they cannot be made. */
export async function makeDataDir(root: string): Promise<DataDir> {
  const directories = {
    run: join(root, 'run'),
    log: join(root, 'log'),
    redis: join(root, 'redis'),
    mail: join(root, 'mail'),
  };
  try {
    for (const directory of Object.values(directories)) await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new Misconfigured(`DATA_DIR: ${error instanceof Error ? error.message : error}`);
  }
  return directories;
}
