/** The programs that npm cannot bring: ffmpeg with ffprobe, redis-server, and bubblewrap where that is easy. */
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

/**
 * @param {{ redis: boolean }} needed ffmpeg always is.
 * @throws {CannotInstall} with one line for each tool that a person has to install.
 */
export function installTools(needed) {
  /** @type {import('./package-manager.mjs').Tool[]} */
  const wanted = needed.redis ? ['ffmpeg', 'redis'] : ['ffmpeg'];
  const missing = wanted.filter(isMissing);
  if (missing.length > 0) installNeeded(missing);
  if (isMissing('bubblewrap')) installIfEasy('bubblewrap');
}

/** @param {import('./package-manager.mjs').Tool[]} missing */
function installNeeded(missing) {
  const apt = aptCommands(missing, machine);
  let complaint = '';
  if (apt) {
    console.error(`Installing ${missing.join(' and ')} (${apt.install.join(' ')})`);
    let result = runToEnd(apt.install);
    if (!result.ok) {
      console.error(`Bringing the package lists up to date (${apt.refresh.join(' ')})`);
      runToEnd(apt.refresh);
      result = runToEnd(apt.install);
    }
    if (!result.ok) complaint = `${result.output}\n`;
  }
  const left = missing.filter(isMissing);
  if (left.length > 0) throw new CannotInstall(complaint + left.map((tool) => advice(tool, machine)).join('\n'));
}

/**
 * Nothing stops without it: the transcoder says at start what it does without.
 * @param {import('./package-manager.mjs').Tool} tool
 */
function installIfEasy(tool) {
  const apt = aptCommands([tool], machine);
  if (!apt) return;
  console.error(`Installing ${tool} (${apt.install.join(' ')})`);
  if (!runToEnd(apt.install).ok) console.error(`${tool} could not be installed; it goes without`);
}

/** @param {import('./package-manager.mjs').Tool} tool */
function isMissing(tool) {
  return !TOOLS[tool].programs.every(isOnPath);
}

/** @param {string} program */
function isOnPath(program) {
  return onPath(program) !== undefined;
}
