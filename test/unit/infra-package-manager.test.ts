import { describe, expect, test } from 'vitest';
import { advice, aptCommands } from '../../infra/install/package-manager.mjs';

function machine(programs: readonly string[], about: { isRoot?: boolean; sudo?: boolean; platform?: 'darwin' } = {}) {
  return {
    platform: about.platform ?? ('linux' as const),
    isRoot: about.isRoot ?? false,
    has: (program: string) => programs.includes(program),
    hasSudo: () => about.sudo ?? false,
  };
}

describe('apt-get is run by us', () => {
  test('as root, for what is missing only', () => {
    const apt = aptCommands(['ffmpeg'], machine(['apt-get'], { isRoot: true }));
    expect(apt?.install.join(' ')).toBe(
      'env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends ffmpeg',
    );
  });

  test('through sudo that asks for no password', () => {
    const apt = aptCommands(['ffmpeg', 'redis'], machine(['apt-get', 'sudo'], { sudo: true }));
    expect(apt?.install.slice(0, 3)).toEqual(['sudo', '-n', 'env']);
    expect(apt?.install.slice(-2)).toEqual(['ffmpeg', 'redis-server']);
    expect(apt?.refresh.slice(0, 2)).toEqual(['sudo', '-n']);
    expect(apt?.refresh.at(-1)).toBe('update');
  });

  test.each([
    ['sudo asks for a password', machine(['apt-get', 'sudo'])],
    ['there is no sudo', machine(['apt-get'], { sudo: true })],
    ['there is no apt-get', machine(['dnf'], { isRoot: true })],
    ['it is not Linux', machine(['apt-get'], { isRoot: true, platform: 'darwin' })],
  ])('not when %s', (_when, here) => {
    expect(aptCommands(['ffmpeg'], here)).toBeUndefined();
  });
});

describe('a person is told one command', () => {
  test.each([
    ['apt-get', 'redis', 'Missing: redis-server. Install: sudo apt-get install redis-server'],
    ['pacman', 'redis', 'Missing: redis-server. Install: sudo pacman -S valkey'],
    ['apk', 'ffmpeg', 'Missing: ffmpeg and ffprobe. Install: sudo apk add ffmpeg'],
    ['brew', 'ffmpeg', 'Missing: ffmpeg and ffprobe. Install: brew install ffmpeg'],
  ] as const)('with %s', (program, tool, line) => {
    expect(advice(tool, machine([program]))).toBe(line);
  });

  test('and where to read on, if no package manager is known', () => {
    expect(advice('ffmpeg', machine([]))).toBe(
      'Missing: ffmpeg and ffprobe. Install: see https://ffmpeg.org/download.html',
    );
  });
});
