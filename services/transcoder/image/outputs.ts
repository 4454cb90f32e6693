/** The files that the image process says it has made. It has read a hostile file, so they are looked at before they are opened. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Symbolic links are not followed: whoever opens the file afterwards reads what lies in the directory, and nothing else of
 * this machine.
 * @returns its size in bytes.
 * @throws Error when it is missing, or no regular file.
 */
export async function sizeOfOutput(directory: string, file: string): Promise<number> {
  const found = await lstat(join(directory, file));
  if (!found.isFile()) throw new Error(`${file} is not a regular file`);
  return found.size;
}

/** @throws Error also when one is not as large as was said. */
export async function requireOutputs(
  directory: string,
  outputs: readonly { readonly file: string; readonly bytes: number }[],
): Promise<void> {
  for (const { file, bytes } of outputs) {
    const size = await sizeOfOutput(directory, file);
    if (size !== bytes) throw new Error(`${file} has ${size} bytes, and ${bytes} were reported`);
  }
}
