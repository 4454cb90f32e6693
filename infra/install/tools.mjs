/** The programs that npm cannot bring: ffmpeg with ffprobe, redis-server, and what is good to have. */
import { CannotInstall } from './cannot-install.mjs';
import { onPath } from './on-path.mjs';
import { advice, aptCommands, TOOLS } from './package-manager.mjs';
import { runToEnd } from './run-to-end.mjs';

/** @type {import('./package-manager.mjs').Machine} */
const machine = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  has: isOnPath,
  hasSudo: () => runToEnd(['sudo', '-n', 'true']).ok,
};

/** @typedef {import('./package-manager.mjs').Tool} Tool */

/**
 * @param {{ needed: readonly Tool[], welcome: readonly Tool[] }} tools what is welcome is installed where we may, and its
 *   absence never stops anything.
 * @throws {CannotInstall} with one line for each needed tool that a person has to install.
 */
export function installTools({ needed, welcome }) {
  const complaint = installWhereWeMay(needed.filter(isMissing));
  const left = needed.filter(isMissing);
  if (left.length > 0) throw new CannotInstall(complaint + left.map((tool) => advice(tool, machine)).join('\n'));
  // Each by itself: a distribution without the one may have the other.
  for (const tool of welcome.filter(isMissing)) installWhereWeMay([tool]);
}

/**
 * @param {readonly Tool[]} missing
 * @returns {string} what the package manager complained of, as a line; empty where all went well or we may not.
 */
function installWhereWeMay(missing) {
  const apt = missing.length > 0 && aptCommands(missing, machine);
  if (!apt) return '';
  console.error(`Installing ${missing.join(' and ')} (${apt.install.join(' ')})`);
  let result = runToEnd(apt.install);
  if (!result.ok) {
    console.error(`Bringing the package lists up to date (${apt.refresh.join(' ')})`);
    runToEnd(apt.refresh);
    result = runToEnd(apt.install);
  }
  return result.ok ? '' : `${result.output}\n`;
}

/** @param {Tool} tool */
function isMissing(tool) {
  return !TOOLS[tool].programs.every(isOnPath);
}

/** @param {string} program */
function isOnPath(program) {
  return onPath(program) !== undefined;
}
