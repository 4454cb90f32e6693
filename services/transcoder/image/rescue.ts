/** The last try of a picture that failed: as far as it can be read, with a warning. No limit is wider than for any other. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileFault } from '../../../shared/errors.ts';
import { completed } from './complete-webp.ts';
import type { Original } from './libvips.ts';
import { type ImageTask, type Made, makeVariants } from './make-variants.ts';

const DAMAGED = 'The picture is damaged: a part of it could not be read.';

/** Strictly at first: what made it fail may have been the machine, and then there is nothing to warn of. Else as makeVariants. */
export async function rescueVariants(task: ImageTask, onProgress: (percent: number) => void): Promise<Made> {
  const { original, directory } = task;
  try {
    return await makeVariants({ ...task, original: { ...original, lenient: false } }, onProgress);
  } catch (fault) {
    if (!(fault instanceof FileFault)) throw fault;
  }
  await using readable = await readableCopy(original, directory);
  const { source } = readable;
  const { warning, ...made } = await makeVariants({ ...task, original: { ...original, source } }, onProgress);
  return { ...made, warning: warning === undefined ? DAMAGED : `${DAMAGED} ${warning}` };
}

/** A WebP that says it is longer is not filled up. */
const MAX_FILLED_BYTES = 256 * 1024 ** 2;

interface ReadableCopy extends AsyncDisposable {
  readonly source: string;
}

/** libwebp reads nothing of a file that is shorter than it says. */
async function readableCopy({ source, contentType }: Original, directory: string): Promise<ReadableCopy> {
  const asItIs = { source, async [Symbol.asyncDispose]() {} };
  if (contentType !== 'image/webp' || (await stat(source)).size > MAX_FILLED_BYTES) return asItIs;
  const readable = completed(await readFile(source), MAX_FILLED_BYTES);
  if (readable === undefined) return asItIs;
  const copy = join(directory, 'completed');
  await writeFile(copy, readable);
  return { source: copy, [Symbol.asyncDispose]: () => rm(copy) };
}
