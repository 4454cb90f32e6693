/** Runs an installer to its end; what it prints is shown only when it fails. */
import { spawnSync } from 'node:child_process';

/**
 * @param {readonly string[]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {{ ok: true, output: string } | { ok: false, output: string }}
 */
export function runToEnd([file = '', ...args], options = {}) {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = error ? error.message : `${stdout}${stderr}`.trim();
  return { ok: status === 0, output };
}
