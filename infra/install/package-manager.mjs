/** Who installs the tools on this machine: we, through apt-get where we may, or a person with one command. Pure. */

/**
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {boolean} isRoot
 * @property {(program: string) => boolean} has whether the program is on the PATH.
 * @property {() => boolean} hasSudo whether sudo asks for no password. Asked only where it matters.
 */

/** @typedef {'ffmpeg' | 'redis' | 'bubblewrap' | 'chromium'} Tool */

/** @type {Record<Tool, { programs: readonly string[], page: string }>} */
export const TOOLS = {
  ffmpeg: { programs: ['ffmpeg', 'ffprobe'], page: 'https://ffmpeg.org/download.html' },
  redis: { programs: ['redis-server'], page: 'https://redis.io/docs/latest/operate/oss_and_stack/install/' },
  bubblewrap: { programs: ['bwrap'], page: 'https://github.com/containers/bubblewrap' },
  chromium: { programs: ['chromium'], page: 'https://www.chromium.org/getting-involved/download-chromium/' },
};

/** Packages that go by the same name everywhere. */
const SAME = { bubblewrap: 'bubblewrap', chromium: 'chromium' };

/** @typedef {{ program: string, install: string, packages: Record<Tool, string> }} Manager */

/** @type {Manager} */
const APT = {
  program: 'apt-get',
  install: 'sudo apt-get install',
  packages: { ffmpeg: 'ffmpeg', redis: 'redis-server', ...SAME },
};

/** @type {Manager[]} */
const MANAGERS = [
  APT,
  { program: 'dnf', install: 'sudo dnf install', packages: { ffmpeg: 'ffmpeg', redis: 'redis', ...SAME } },
  { program: 'pacman', install: 'sudo pacman -S', packages: { ffmpeg: 'ffmpeg', redis: 'valkey', ...SAME } },
  { program: 'zypper', install: 'sudo zypper install', packages: { ffmpeg: 'ffmpeg', redis: 'redis', ...SAME } },
  { program: 'apk', install: 'sudo apk add', packages: { ffmpeg: 'ffmpeg', redis: 'redis', ...SAME } },
  { program: 'brew', install: 'brew install', packages: { ffmpeg: 'ffmpeg', redis: 'redis', ...SAME } },
];

/**
 * The command lines that install the tools, or undefined where only a person may.
 * The package lists are brought up to date only if they turn out to be missing or old: that takes longest.
 * @param {readonly Tool[]} tools
 * @param {Machine} machine
 * @returns {{ install: string[], refresh: string[] } | undefined}
 */
export function aptCommands(tools, machine) {
  if (machine.platform !== 'linux' || !machine.has(APT.program)) return undefined;
  if (!machine.isRoot && !(machine.has('sudo') && machine.hasSudo())) return undefined;
  // Through env, because sudo does not pass the environment on.
  const asRoot = machine.isRoot ? [] : ['sudo', '-n'];
  const aptGet = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=120'];
  const packages = tools.map((tool) => APT.packages[tool]);
  return {
    install: [...aptGet, 'install', '-y', '--no-install-recommends', ...packages],
    refresh: [...aptGet, 'update'],
  };
}

/**
 * One line for a person: what is missing and how it is installed here.
 * @param {Tool} tool
 * @param {Machine} machine
 */
export function advice(tool, machine) {
  const { programs, page } = TOOLS[tool];
  const manager = MANAGERS.find(({ program }) => machine.has(program));
  const how = manager ? `${manager.install} ${manager.packages[tool]}` : `see ${page}`;
  // Fedora's own build has no libx264.
  const note = tool === 'ffmpeg' && manager?.program === 'dnf' ? ' (from RPM Fusion: ffmpeg-free writes no H.264)' : '';
  return `Missing: ${programs.join(' and ')}. Install: ${how}${note}`;
}
