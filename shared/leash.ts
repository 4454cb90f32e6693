/** Children die with their parent, whatever kills it. */
import { existsSync } from 'node:fs';

const SETPRIV = '/usr/bin/setpriv';
const hasSetpriv = existsSync(SETPRIV);

/**
 * The command line that runs `file` so that the kernel kills it when this process dies, kill -9 included
 * (prctl PR_SET_PDEATHSIG through util-linux' setpriv, which then execs: the pid stays the same).
 * Without setpriv (macOS) it is the command itself.
 */
export function leashed(file: string, args: readonly string[]): [file: string, args: string[]] {
  return hasSetpriv ? [SETPRIV, ['--pdeathsig', 'KILL', '--', file, ...args]] : [file, [...args]];
}
