/** What the image process leaves behind is believed no more than the picture that it has read. */
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findSandbox } from '../../services/transcoder/find-sandbox.ts';
import { makeMovie } from '../../services/transcoder/image/make-movie.ts';
import { requireOutputs } from '../../services/transcoder/image/outputs.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { createLogger } from '../../shared/logger.ts';
import { runTool } from '../../shared/run-tool.ts';
import { sparseGif } from '../support/pictures.ts';
import { renderPicture } from '../support/render-picture.ts';
import { needsBwrap, settings } from '../support/render-settings.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

afterEach(() => vi.unstubAllEnvs());

const picture = () =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();

const moving = sparseGif(64, 48, [0, 1]);
const asMovie = { ...settings, animationMp4: true };
const { signal } = new AbortController();

describe('an output', () => {
  it('that leads elsewhere is not taken, though the image process wrote and verified it', async () => {
    await using directory = await temporaryDirectory();
    await symlink('elsewhere', join(directory.path, 'full.webp'));
    await expect(renderPicture(await picture(), 'image/jpeg', directory.path)).rejects.toMatchObject({
      name: 'FileFault',
      toolOutput: 'full.webp is no regular file',
    });
  });

  it('has to be a file, and as large as was said', async () => {
    await using directory = await temporaryDirectory();
    const at = (name: string) => join(directory.path, name);
    await writeFile(at('full.webp'), 'four');
    await symlink('full.webp', at('linked.webp'));
    await mkdir(at('directory.webp'));
    const taken = (file: string, bytes = 4) => requireOutputs(directory.path, [{ file, bytes }]);
    await expect(taken('full.webp')).resolves.toBeUndefined();
    await expect(taken('full.webp', 5)).rejects.toThrow('full.webp has 4 bytes, and 5 were reported');
    await expect(taken('linked.webp')).rejects.toThrow('not a regular file');
    await expect(taken('directory.webp')).rejects.toThrow('not a regular file');
    await expect(taken('missing.webp')).rejects.toThrow('ENOENT');
  });
});

describe('a movie', () => {
  /** Puts an ffmpeg and an ffprobe first on the PATH that fail where there is a list of accounts, which no sandbox has. */
  async function sandboxOfWaryTools({ path }: TemporaryDirectory) {
    const real = process.env['PATH'] ?? '';
    for (const name of ['ffmpeg', 'ffprobe']) {
      const script = `#!/bin/sh\n[ ! -e /etc/passwd ] || exit 97\nPATH='${real}' exec ${name} "$@"\n`;
      await writeFile(join(path, name), script, { mode: 0o755 });
    }
    vi.stubEnv('PATH', path + delimiter + real);
    return await findSandbox('bwrap', createLogger('test', { logLevel: 'silent' }));
  }

  it('is made, probed and decoded in the sandbox', needsBwrap, async () => {
    await using bin = await temporaryDirectory();
    const sandbox = await sandboxOfWaryTools(bin);
    await using directory = await temporaryDirectory();
    const { variants } = await renderPicture(moving, 'image/gif', directory.path, {
      settings: { ...asMovie, sandbox },
    });
    expect(variants.map(({ file }) => file)).toContain('full.mp4');
    // The tools do look.
    await using unprotected = await temporaryDirectory();
    const given = { settings: { ...asMovie, sandbox: NO_SANDBOX } };
    await expect(renderPicture(moving, 'image/gif', unprotected.path, given)).rejects.toThrow();
  });

  const planned = {
    name: 'full',
    file: 'full.mp4',
    width: 2,
    height: 2,
    step: [100, 1],
    repeats: [1],
  } as const;
  const frame = `P6\n2 2\n255\n${'\0'.repeat(12)}`;
  const list = 'ffconcat version 1.0\nfile frame-0\nduration 0.1\nfile frame-0\n';

  it('is made of frames that lie in the directory, and nothing is written where they lead', needsBwrap, async () => {
    await using elsewhere = await temporaryDirectory();
    await writeFile(join(elsewhere.path, 'frame-0'), frame);
    await writeFile(join(elsewhere.path, 'list'), list);
    for (const link of ['frames', 'frames/frame-0']) {
      await using directory = await temporaryDirectory();
      if (link !== 'frames') {
        await mkdir(join(directory.path, 'frames'));
        await writeFile(join(directory.path, 'frames/list'), list);
      }
      await symlink(join(elsewhere.path, link.replace('frames', '.')), join(directory.path, link));
      await expect(makeMovie(planned, directory.path, settings.sandbox, signal)).rejects.toThrow();
      expect(await readdir(directory.path)).toEqual([]);
    }
    expect(await readdir(elsewhere.path)).toEqual(['frame-0', 'list']);
  });

  it('waits for room where the disk is full', needsBwrap, async () => {
    await using bin = await temporaryDirectory();
    await using directory = await temporaryDirectory();
    const source = join(bin.path, 'moving.gif');
    await writeFile(source, moving);
    // No sandbox has a /dev.
    const fill = 'for each in $(seq 99); do yes | head -c 400000 > full-$each || break; done 2>&-';
    const real = process.env['PATH'] ?? '';
    const script = `case "$* " in *' full.mp4 ') ${fill} ;; esac\nPATH='${real}' exec ffmpeg "$@"`;
    await writeFile(join(bin.path, 'ffmpeg'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const disk = ['--dev-bind', '/', '/', '--size', String(4 * 1024 ** 2), '--tmpfs', directory.path];
    const program = [process.execPath, join(import.meta.dirname, '../support/picture-on-disk.ts')];
    const env = { PATH: bin.path + delimiter + real };
    const run = { timeoutMs: 60_000, env };
    expect(await runTool('bwrap', [...disk, ...program, source, 'image/gif', directory.path], run)).toBe(
      'machine no-space',
    );
  });
});
