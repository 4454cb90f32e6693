/**
 * What a tool has left that opened an original: files. One that the original took over could leave a link instead, by which
 * we would publish, or write into, another file of this machine.
 */
import { readdir } from 'node:fs/promises';
import { FileFault } from '../../shared/errors.ts';

/** @throws FileFault when there is anything but files and directories. */
export async function requirePlainOutputs(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (!odd) return;
  const reason = 'The file makes the converter do what it should not. Please export it again in another format.';
  throw new FileFault(reason, `${odd.name} is no regular file`);
}
