/** One stack per DATA_DIR: two would write into the same Redis files and destroy them. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CannotGoOn } from './cannot-go-on.ts';

/** https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Holds a file lock of the kernel until it is disposed or this process ends, however it ends: nothing stale can stay
 * behind. SQLite is the one part of Node that takes such a lock; the database itself stays empty.
 * @param runDir existing directory under DATA_DIR.
 * @throws CannotGoOn when another process holds it.
 */
export function lockDataDir(dataDir: string, runDir: string): Disposable {
  const database = new DatabaseSync(join(runDir, 'lock'), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new CannotGoOn(`Another Projectionist is using ${dataDir}. Stop it, or set DATA_DIR to another directory.`);
  }
  return { [Symbol.dispose]: () => database.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
