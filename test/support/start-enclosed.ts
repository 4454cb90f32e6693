/** A process that starts something endless as originals are opened, to be killed in that very moment: `[none] marker`. */
import { spawn } from 'node:child_process';
import { enclosed, NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { settings } from './render-settings.ts';

const [kind = '', marker = ''] = process.argv.slice(2);
const sandbox = kind === 'none' ? NO_SANDBOX : settings.sandbox;
const tool = spawn(...enclosed(sandbox, { reads: [] }, '/usr/bin/sleep', [marker]), {
  stdio: ['pipe', 'ignore', 'pipe'],
});
tool.stderr.once('data', () => tool.stdin.end('\n'));
process.stdout.write('started');
setInterval(() => {}, 1000);
