/** The Redis or MinIO of a supervisor that was killed: gone before the next one opens the same files. */
import { readFile, readlink, realpath } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { runTool } from '../../shared/run-tool.ts';
import { CannotGoOn } from './cannot-go-on.ts';

const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * Where children are leashed (Linux) the kernel has killed it, and this is a look at one file; elsewhere it is ended here.
 * A pid that now belongs to somebody else is left alone: a server of ours works in its data directory.
 * @param directory of the server, existing.
 * @throws CannotGoOn when it does not go.
 */
export async function endLeftoverServer(pidFile: string, directory: string): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!(pid > 0)) return;
  const ours = await realpath(directory);
  const deadline = Date.now() + GONE_WITHIN_MS;
  while ((await workingDirectory(pid)) === ours) {
    if (Date.now() > deadline) throw new CannotGoOn(`An old server still uses ${ours}. End it: kill -9 ${pid}`);
    end(pid);
    await pause(LOOK_EVERY_MS);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It went by itself in the meantime.
  }
}

async function workingDirectory(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') return await readlink(`/proc/${pid}/cwd`);
    const listed = await runTool('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-Fn'], { timeoutMs: 5000 });
    return /^n(.*)$/m.exec(listed)?.[1];
  } catch {
    return undefined;
  }
}
