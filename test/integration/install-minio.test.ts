/** Where MinIO comes from: what counts as one, and how it is built, with a `go` that only pretends. */
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findMinio, installMinio } from '../../infra/install/minio.mjs';
import { needs } from '../support/needs.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const MINIO = 'echo "minio version DEVELOPMENT.GOGET"';
const VERSION = 'echo "go version go1.26.8 linux/amd64"';

let directory: TemporaryDirectory;
let bin: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  bin = join(directory.path, 'bin');
  await mkdir(bin);
  await symlink('/usr/bin/env', join(bin, 'env'));
  vi.stubEnv('PATH', bin);
  vi.stubEnv('GOROOT', join(directory.path, 'no-go'));
  vi.stubEnv('XDG_CACHE_HOME', join(directory.path, 'cache'));
  vi.spyOn(console, 'error').mockImplementation(() => {});
  return () => directory[Symbol.asyncDispose]();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function program(name: string, script: string): Promise<string> {
  const file = join(bin, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A Go whose build is this script. */
const goThat = (script: string) => program('go', `if [ "$1" = version ]; then ${VERSION}; exit; fi\n${script}`);
const goThatBuilds = () =>
  goThat(
    `printf '#!/bin/sh\\n%s\\n' '${MINIO}' > "$GOBIN/minio"; /bin/chmod +x "$GOBIN/minio"; echo "$@" > "${bin}/asked"`,
  );

const inCache = async () =>
  (await readdir(directory.path, { recursive: true })).filter((name) => /cache\/.*\/.*\//.test(name));

describe('MinIO', needs.linux, () => {
  test('on the PATH is taken as it is', async () => {
    const own = await program('minio', MINIO);
    expect(findMinio()).toBe(own);
    expect(await installMinio()).toBe(own);
  });

  test('is not what only has its name', async () => {
    await program('minio', 'echo "minio, a game of patience 1.0"');
    expect(findMinio()).toBeUndefined();
  });

  test('is built once, said in one line, and found in the cache from then on', async () => {
    await goThatBuilds();
    const built = await installMinio();
    expect(built).toContain(join(directory.path, 'cache/projectionist/minio-v0.0.0-'));
    expect(console.error).toHaveBeenCalledExactlyOnceWith('Building MinIO with Go: about three minutes, once');
    await program('go', 'exit 1');
    expect(findMinio()).toBe(built);
    expect(await installMinio()).toBe(built);
    expect(await inCache()).toHaveLength(1);
  });

  test('of two builds at once is whole for both', async () => {
    await goThatBuilds();
    const builds = [installMinio(), installMinio()];
    const [first, second] = await Promise.all(builds);
    expect(first).toBe(second);
    expect(findMinio()).toBe(first);
    expect(await inCache()).toHaveLength(1);
  });

  test('of a build that failed halfway is no MinIO, and the words of Go are the reason', async () => {
    await goThat('echo half > "$GOBIN/minio"; echo "go: download go1.30: no such host" >&2; exit 1');
    await expect(installMinio()).rejects.toThrow(
      'go: download go1.30: no such host\nGo could not build MinIO: see above.',
    );
    expect(findMinio()).toBeUndefined();
    expect(await inCache()).toEqual([]);
  });

  test.each([
    ['without Go', 'exit 127'],
    ['with a Go that is too old', 'echo "go version go1.23.12 linux/amd64"'],
  ])('%s is asked for in one line', async (_how, go) => {
    await program('go', go);
    await expect(installMinio()).rejects.toThrow(/^Missing: minio\. Install: Go 1\.24 or newer [^\n]+$/);
    expect(console.error).not.toHaveBeenCalled();
  });
});
