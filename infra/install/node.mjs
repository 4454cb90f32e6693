/** The Node that runs the project: it must strip types and know `await using`, which is Node 24. */
import { join } from 'node:path';
import { CannotInstall } from './cannot-install.mjs';
import { runNpm } from './npm-packages.mjs';
import { runToEnd } from './run-to-end.mjs';

const MAJOR = 24;

/**
 * @param {string} root
 * @returns {string} path of a Node that is new enough: the pinned one of the `node` package if it runs on this machine.
 */
export function findNode(root) {
  const pinned = join(root, 'node_modules/.bin/node');
  if (isNewEnough(pinned)) return pinned;
  // The package fetches its program in an install script, which npm may have been told not to run.
  console.error(`Installing Node ${MAJOR} (npm rebuild node)`);
  try {
    runNpm(root, ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error']);
  } catch (error) {
    if (!(error instanceof CannotInstall)) throw error;
    console.error(error.message);
  }
  if (isNewEnough(pinned)) return pinned;
  if (isNewEnough(process.execPath)) return process.execPath;
  throw new CannotInstall(
    `Node ${MAJOR} or newer is missing: install it from https://nodejs.org/en/download (this is ${process.version}).`,
  );
}

/** @param {string} node */
function isNewEnough(node) {
  const { ok, output } = runToEnd([node, '--version']);
  return ok && Number.parseInt(output.replace(/^v/, ''), 10) >= MAJOR;
}
