/** Which sandbox this machine allows, found out by running something in it. */
import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Config } from '../../shared/config.ts';
import { Misconfigured } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { ToolFailed } from '../../shared/run-tool.ts';
import { runEnclosed } from './run-enclosed.ts';
import { type Bubblewrap, NO_SANDBOX, type Sandbox } from './sandbox.ts';

/** What opens originals, besides the Node that runs us. */
const PROGRAMS = ['ffmpeg', 'ffprobe'];
const TIMEOUT_MS = 20_000;

/**
 * @param wanted the setting SANDBOX.
 * @throws Misconfigured when bwrap is wanted and does not work.
 */
export async function findSandbox(wanted: Config['sandbox'], log: Logger): Promise<Sandbox> {
  if (wanted === 'none') {
    log.warn('originals are opened without a sandbox: SANDBOX=none');
    return NO_SANDBOX;
  }
  try {
    const sandbox = await tried(await bubblewrap());
    log.info({ programs: sandbox.programs }, 'originals are opened in a sandbox: bwrap');
    return sandbox;
  } catch (error) {
    const why = reasonOf(error);
    if (wanted === 'bwrap') throw new Misconfigured(`SANDBOX: bwrap does not work here (${why})`);
    log.warn({ why }, 'originals are opened without a sandbox: bwrap does not work here');
    return NO_SANDBOX;
  }
}

async function bubblewrap(): Promise<Bubblewrap> {
  const file = await programOnPath('bwrap');
  const found = await Promise.all(PROGRAMS.map(async (name) => [name, await programOnPath(name)] as const));
  return { kind: 'bwrap', file, programs: Object.fromEntries(found) };
}

async function tried(sandbox: Bubblewrap): Promise<Bubblewrap> {
  const enclosure = { sandbox, access: { reads: [] } };
  for (const name of PROGRAMS) await runEnclosed(enclosure, name, ['-version'], { timeoutMs: TIMEOUT_MS });
  await runEnclosed(enclosure, process.execPath, ['--version'], { timeoutMs: TIMEOUT_MS });
  return sandbox;
}

/** The file itself, symbolic links followed: only it is let into the sandbox. */
async function programOnPath(name: string): Promise<string> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(directory, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return await realpath(file);
  }
  throw new Error(`${name} is not installed`);
}

function reasonOf(error: unknown): string {
  if (error instanceof ToolFailed && error.end.output !== '') return error.end.output.trim().split('\n').at(-1) ?? '';
  return error instanceof Error ? error.message : String(error);
}
