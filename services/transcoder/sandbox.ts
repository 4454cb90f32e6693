/**
 * Where a tool runs that opens an original: alone, with the files that it needs and nothing else of this machine. Pure:
 * what is allowed → the command line. Tools at work on outputs of our own need none.
 */
import { isAbsolute } from 'node:path';
import { leashed } from '../../shared/leash.ts';

/** Found out once, at start (find-sandbox.ts). */
export type Sandbox = { readonly kind: 'none' } | Bubblewrap;

export interface Bubblewrap {
  readonly kind: 'bwrap';
  /** Absolute path of bwrap. */
  readonly file: string;
  /** Absolute paths of the programs that run in it, by name; they may lie anywhere. */
  readonly programs: Readonly<Record<string, string>>;
}

export const NO_SANDBOX: Sandbox = { kind: 'none' };

/** What a tool may touch, all absolute paths: the same inside as outside. */
export interface Access {
  readonly reads: readonly string[];
  /** Directory of its outputs; left out where there are none. */
  readonly writes?: string;
  /** No file that it writes may grow beyond this; none unless given. */
  readonly maxFileBytes?: number;
  /** Its whole environment, besides a PATH. None of ours: the keys of the storage are in it. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Programs and their libraries, where they lie on Linux; not all of /usr, in which sources and data may lie as well.
 * /etc/alternatives: Debian's ffmpeg finds its BLAS through it.
 */
const SYSTEM = [
  ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libexec', 'share', 'local/bin', 'local/lib'].map(
    (name) => `/usr/${name}`,
  ),
  ...['/bin', '/sbin', '/lib', '/lib64', '/etc/alternatives', '/etc/ld.so.cache'],
];

/**
 * Limits the tool, says so by an empty line on stderr, and starts it when this process answers with another. Should this
 * process die in the moment in which a tool is being started, neither bwrap nor the kernel would notice; whoever answers
 * lives at a time when they do. To look whether anybody reads stderr is not enough: when Node is killed, its main thread
 * is gone, and bwrap with it, before its pipes are (measured, at a load of 40).
 * A file that grows too large is an error in the tool's own words (EFBIG) instead of a signal, and a crash leaves no core.
 */
const START = 'trap "" XFSZ; ulimit -c 0; ulimit -f "$1"; shift; echo >&2; read -r _ && exec';

/** Where it is not bwrap that takes our environment away. The shell knows the PATH. */
const BARE = '/usr/bin/env -i PATH="$PATH"';

/** POSIX counts `ulimit -f` in blocks. */
const BLOCK_BYTES = 512;

/**
 * @param tool one of the sandbox' programs, or an absolute path.
 * @returns the command line that runs the tool there. It dies with this process, kill -9 included, and needs no leash.
 *   Its stderr begins with an empty line, after which it wants one on its stdin. Before that nobody may end it: bwrap
 *   would die without what it is about to start (measured).
 */
export function enclosed(
  sandbox: Sandbox,
  access: Access,
  tool: string,
  args: readonly string[],
): [file: string, args: string[]] {
  const blocks = Math.ceil((access.maxFileBytes ?? 0) / BLOCK_BYTES);
  if (sandbox.kind === 'none') {
    const start = ['-c', `${START} ${BARE} "$@"`, 'sh', String(blocks)];
    return leashed('/bin/sh', [...start, ...variablesOf(access), tool, ...args]);
  }
  const program = sandbox.programs[tool] ?? tool;
  if (!isAbsolute(program)) throw new Error(`${tool} was not looked for when the sandbox was found`);
  const start = ['/bin/sh', '-c', `${START} "$@"`, 'sh', String(blocks)];
  return [sandbox.file, [...wallsAround(access, program), '--', ...start, program, ...args]];
}

/**
 * No network, no other process in sight, no right of any kind, and an environment of its own. `--as-pid-1` makes the tool a
 * child of bwrap itself, so that what it costs is counted for us as without a sandbox.
 */
function wallsAround({ reads, writes, env = {} }: Access, program: string): string[] {
  const outside = SYSTEM.some((path) => program.startsWith(`${path}/`)) ? [] : [program];
  return [
    ...['--unshare-all', '--die-with-parent', '--as-pid-1', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...Object.entries({ PATH: '/usr/bin:/bin', ...env }).flatMap(([name, value]) => ['--setenv', name, value]),
    ...SYSTEM.flatMap((path) => ['--ro-bind-try', path, path]),
    ...(writes === undefined ? [] : ['--bind', writes, writes]),
    // After the directory: a copy that we made of an original lies in it.
    ...[...outside, ...reads].flatMap((path) => ['--ro-bind', path, path]),
    ...['--remount-ro', '/'],
  ];
}

function variablesOf({ env = {} }: Access): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

/** Signals that end programs by themselves, by the exit codes that bwrap makes of them, as shells do. */
const SIGNALS: Readonly<Record<number, string>> = {
  132: 'SIGILL',
  133: 'SIGTRAP',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
  159: 'SIGSYS',
};

/** The signal that ended a tool in a sandbox, which bwrap tells as an exit code. None of ffmpeg's own codes is among them. */
export function signalIn(sandbox: Sandbox, exitCode: number | undefined): string | undefined {
  return sandbox.kind === 'none' || exitCode === undefined ? undefined : SIGNALS[exitCode];
}
