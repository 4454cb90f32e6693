/**
 * What the machine lacked when a tool failed that opens an original. Its words alone prove nothing: ffmpeg prints what is
 * in a file (the type of a FLAC's cover, with newlines), and a file must not be waited for because it says that a disk is full.
 */
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineTrouble } from '../../shared/run-tool.ts';

export interface Evidence {
  /** The first line of its stderr. It is empty once the sandbox is set up, whatever the tool prints then (sandbox.ts). */
  readonly firstLine: string;
  readonly output: string;
  /** Directory of its outputs, if it had any. */
  readonly writes: string | undefined;
}

/** @returns undefined also for want of memory, which leaves no trace: fault.ts. */
export async function troubleOf({ firstLine, output, writes }: Evidence): Promise<MachineTrouble | undefined> {
  if (firstLine.startsWith('bwrap: ')) return 'no-sandbox';
  const saysFull = /No space left on device|Disk quota exceeded/.test(output);
  return saysFull && writes !== undefined && (await isFull(writes)) ? 'no-space' : undefined;
}

/** What is free may be of no use (reserved, or freed since); a small disk is not full from the beginning. */
const LITTLE = { bytes: 64 * 1024 ** 2, share: 0.02 };

/** @returns false also where that cannot be found out. */
async function isFull(directory: string): Promise<boolean> {
  const disk = await statfs(directory).catch(() => undefined);
  if (!disk) return false;
  if (disk.bavail * disk.bsize < Math.min(LITTLE.bytes, LITTLE.share * disk.blocks * disk.bsize)) return true;
  return await refusesMore(directory);
}

const MORE_BYTES = 1024 ** 2;

/** A quota, and a disk with too many files, show only so. */
async function refusesMore(directory: string): Promise<boolean> {
  const file = join(directory, 'is-there-room');
  try {
    await writeFile(file, Buffer.alloc(MORE_BYTES), { flag: 'wx', flush: true });
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
}
