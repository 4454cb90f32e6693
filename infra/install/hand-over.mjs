/** Runs the command in our place: its terminal is ours, signals reach it, its exit code is ours. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @type {NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const LOOK_EVERY_MS = 1000;

/**
 * @param {string} node
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<number>} its exit code; 128 and the signal's number if a signal ended it, as shells say it.
 */
export function handOver(node, args, cwd) {
  // The channel tells nothing; that it closes tells the command that we were killed with -9.
  const child = spawn(node, args, { cwd, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  if (process.env['npm_lifecycle_event']) whenParentDies(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/**
 * npm that was killed with -9 cannot pass a signal on.
 * @param {() => void} act
 */
function whenParentDies(act) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, LOOK_EVERY_MS);
  watch.unref();
}
