/** node_modules holds exactly what package-lock.json asks for. */
import { readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CannotInstall } from './cannot-install.mjs';
import { runToEnd } from './run-to-end.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage */
/** @typedef {{ packages?: Record<string, LockedPackage> }} LockFile */

/** @param {string} root */
export function installNpmPackages(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules/.package-lock.json'));
  if (wanted && installed && isInstalled(wanted, installed)) return;
  console.error('Installing npm packages (npm install)');
  // Without its list, node_modules is what an installation left that was cut off.
  if (!installed) rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  // The versions of the lock file, which stays as it is. Not `npm ci`: that refuses the lock file where the registry lacks
  // an optional package for some other platform.
  runNpm(root, ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
}

/**
 * Runs npm as if from a shell: npm scripts put node_modules/.bin first on the PATH, and the Node there is about to go.
 * @param {string} root
 * @param {readonly string[]} args
 * @throws {CannotInstall} with npm's own words.
 */
export function runNpm(root, args) {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => !directory.includes('node_modules'));
  const { ok, output } = runToEnd(['npm', ...args], { cwd: root, env: { ...process.env, PATH: path.join(delimiter) } });
  if (!ok) throw new CannotInstall(`${output}\nnpm ${args[0]} failed: see above.`);
}

/**
 * npm writes node_modules/.package-lock.json at the end of an installation: what really lies there.
 * Packages for other platforms are optional and left out.
 * @param {LockFile} wanted
 * @param {LockFile} installed
 */
export function isInstalled(wanted, installed) {
  const there = installed.packages ?? {};
  return Object.entries(wanted.packages ?? {}).every(([path, locked]) => {
    if (path === '') return true;
    const found = there[path];
    if (!found) return locked.optional === true || locked.devOptional === true;
    return found.version === locked.version && found.integrity === locked.integrity;
  });
}

/**
 * @param {string} file
 * @returns {LockFile | undefined}
 */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
