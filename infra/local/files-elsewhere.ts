/** A DATA_DIR whose files lie in the other kind of store: its batches are known, and their media are not found. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param minio whether the stack starts with a MinIO of its own.
 * @returns a line for the person who may have forgotten `--minio`, or added it; undefined where there is nothing to say.
 */
export function filesElsewhere(dataDir: string, minio: boolean): string | undefined {
  // Either has a record as soon as it has a batch.
  if (!minio && globSync('minio/drive/*/records', { cwd: dataDir }).length > 0) {
    return `${dataDir} has files in MinIO, which are there only with: npm start -- --minio`;
  }
  if (minio && existsSync(join(dataDir, 'storage/records'))) {
    return `${dataDir} has files from a start without --minio, which are there only without it`;
  }
  return undefined;
}
