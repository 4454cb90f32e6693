/** MinIO, the S3 server with a console: found on the PATH or in the cache, else built once where Go is installed. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CannotInstall } from './cannot-install.mjs';
import { onPath } from './on-path.mjs';
import { runToEnd } from './run-to-end.mjs';

const MODULE = 'github.com/minio/minio';
/**
 * The last commit of the archived source, which is what Go calls the latest; MinIO's own tags are no versions to Go.
 * It is newer than the last image and has the fix of CVE-2025-62506, which that one lacks.
 */
const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';
/** Of its go.mod. */
const GO_MINOR = 24;
/** Where Go's own installation instructions put it; not every shell has that on its PATH. */
const GOROOT = '/usr/local/go';

const ADVICE =
  'Missing: minio. Install: Go 1.24 or newer (see https://go.dev/doc/install), which builds it here; or put a minio of your own on the PATH';

/**
 * @typedef {(command: readonly string[], options: { cwd: string }) => Ran | Promise<Ran>} Run
 * @typedef {{ ok: boolean, output: string }} Ran
 */

/** @returns {string | undefined} a MinIO that runs on this machine. */
export function findMinio() {
  return [onPath('minio'), builtMinio()].find((file) => file !== undefined && isMinio(file));
}

/**
 * Finds MinIO, or builds it.
 * @param {Run} [run] runs the build to its end.
 * @returns {Promise<string>}
 * @throws {CannotInstall} with what a person has to do, or Go's own words.
 */
export async function installMinio(run = runToEnd) {
  const found = findMinio();
  if (found) return found;
  const byTheBook = join(process.env['GOROOT'] || GOROOT, 'bin/go');
  const go = [onPath('go'), byTheBook].find((file) => file !== undefined && isNewEnough(file));
  if (!go) throw new CannotInstall(ADVICE);

  console.error('Building MinIO with Go: about three minutes, once');
  mkdirSync(cacheDirectory(), { recursive: true });
  // Built aside and renamed: a build that was cut off is never taken for a whole one, and two at once do not meet.
  const aside = mkdtempSync(join(cacheDirectory(), 'building-'));
  try {
    // For this machine, whatever else the person builds for, and needing no C compiler.
    const settings = [`GOBIN=${aside}`, 'GOOS=', 'GOARCH=', 'CGO_ENABLED=0'];
    const build = ['env', ...settings, go, 'install', '-ldflags', '-s -w', `${MODULE}@${VERSION}`];
    const { ok, output } = await run(build, { cwd: aside });
    if (!ok) throw new CannotInstall(`${output}\nGo could not build MinIO: see above.`);
    renameSync(join(aside, 'minio'), builtMinio());
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return builtMinio();
}

function builtMinio() {
  return join(cacheDirectory(), 'minio');
}

/** The XDG base directory specification says to ignore a relative path. */
function cacheDirectory() {
  const asked = process.env['XDG_CACHE_HOME'] ?? '';
  const caches = isAbsolute(asked) ? asked : join(homedir(), '.cache');
  return join(caches, 'projectionist', `minio-${VERSION}`);
}

/** @param {string} file */
function isMinio(file) {
  const { ok, output } = runToEnd([file, '--version']);
  return ok && output.startsWith('minio version ');
}

/** @param {string} go */
function isNewEnough(go) {
  const { ok, output } = runToEnd([go, 'version']);
  const minor = /^go version go1\.(\d+)/.exec(output)?.[1];
  return ok && Number(minor) >= GO_MINOR;
}
