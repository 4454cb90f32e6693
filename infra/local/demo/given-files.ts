/** The files named on the command line. */
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CannotGoOn } from '../cannot-go-on.ts';

/**
 * @param from directory that relative paths start in: where npm was called.
 * @throws CannotGoOn with one line for each that is not a readable file.
 */
export async function givenFiles(paths: readonly string[], from: string): Promise<string[]> {
  const files = paths.map((path) => resolve(from, path));
  const faults = await Promise.all(files.map(fault));
  const lines = faults.filter((line) => line !== undefined);
  if (lines.length > 0) throw new CannotGoOn(lines.join('\n'));
  return files;
}

async function fault(file: string): Promise<string | undefined> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return `${file} is not a file.`;
    await access(file, constants.R_OK);
    return undefined;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? `${file} does not exist.` : `${file} cannot be read.`;
  }
}
