/**
 * The one way in: `node infra/run.mjs install|demo|start|test|test:media|test:compose|test:chaos [...]`. Runs on any Node from 20 up before
 * anything is installed, installs what is missing, says what it does, and hands over to the command itself.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotInstall } from './install/cannot-install.mjs';
import { handOver } from './install/hand-over.mjs';
import { installMinio } from './install/minio.mjs';
import { findNode } from './install/node.mjs';
import { installNpmPackages } from './install/npm-packages.mjs';
import { installTools } from './install/tools.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/** What Node 24 is given to run, by command. */
const commands = new Map([
  ['install', ['--eval', '']],
  ['demo', [join(root, 'infra/local/demo.ts')]],
  ['start', [join(root, 'infra/local/start.ts')]],
  ['test', [vitest, 'run', ...['unit', 'integration', 'e2e'].flatMap((project) => ['--project', project])]],
  ['test:media', [vitest, 'run', '--project', 'media']],
  ['test:compose', [vitest, 'run', '--project', 'compose']],
  ['test:chaos', [join(root, 'test/chaos/run.ts')]],
]);

/**
 * A sandbox for ffmpeg wants Linux; the tests in a browser are skipped where there is none.
 * @param {string} command
 * @returns {Parameters<typeof installTools>[0]}
 */
function toolsFor(command) {
  const needsRedis = command.startsWith('test') || !process.env['REDIS_URL'];
  return {
    needed: needsRedis ? ['ffmpeg', 'redis'] : ['ffmpeg'],
    welcome: [
      ...(process.platform === 'linux' ? /** @type {const} */ (['bubblewrap']) : []),
      ...(command === 'test' ? /** @type {const} */ (['chromium']) : []),
    ],
  };
}

const [name = '', ...args] = process.argv.slice(2);
const command = commands.get(name);
if (command) {
  try {
    installNpmPackages(root);
    const node = findNode(root);
    installTools(toolsFor(name));
    if (args.includes('--minio')) await installMinio();
    process.exitCode = await handOver(node, [...command, ...args], root);
  } catch (error) {
    if (!(error instanceof CannotInstall)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
} else {
  console.error(`usage: node infra/run.mjs ${[...commands.keys()].join('|')} [...]`);
  process.exitCode = 2;
}
