/** What becomes of a hostile file: on its first try, and on the lenient one that each file that failed gets. */
import { readdir, readlink } from 'node:fs/promises';
import { expect } from 'vitest';
import type { RenderSettings } from '../../../services/transcoder/rendering.ts';
import { FileFault } from '../../../shared/errors.ts';
import { settings } from '../render-settings.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { renderClip } from '../video.ts';

/** `rendered`, or the reason of the refusal. */
export type Outcome = string;

/** "Within seconds", where the machine has other work to do. */
const WITHIN_MS = 30_000;

/**
 * Its tries. Anything but a rendering or a fault of the file that is told in a sentence fails the test, and so does a
 * process that is left behind.
 */
export async function outcomesOf(
  file: string,
  contentType: string,
  sandbox: RenderSettings['sandbox'] = settings.sandbox,
): Promise<readonly Outcome[]> {
  const first = await outcomeOf(file, contentType, sandbox, false);
  return first === 'rendered' ? [first] : [first, await outcomeOf(file, contentType, sandbox, true)];
}

/** One of them. */
export async function outcomeOf(
  file: string,
  contentType: string,
  sandbox: RenderSettings['sandbox'],
  lenient: boolean,
): Promise<Outcome> {
  await using directory = await temporaryDirectory();
  const begun = performance.now();
  const given = { lenient, settings: { ...settings, sandbox } };
  const outcome: unknown = await renderClip(file, contentType, directory.path, given).catch((error: unknown) => error);
  expect(performance.now() - begun).toBeLessThan(WITHIN_MS);
  expect(await processesIn(directory.path)).toEqual([]);
  if (!(outcome instanceof Error)) return 'rendered';
  if (!(outcome instanceof FileFault)) throw outcome;
  expect(outcome.message).toMatch(/^[A-Z][^\n]+\.$/);
  return outcome.message;
}

/** Commands of the processes that run in a directory, as Linux tells it. */
async function processesIn(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => places[index]?.startsWith(directory));
}
