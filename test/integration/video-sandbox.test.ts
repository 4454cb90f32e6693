/** Whatever opens an original does so in the sandbox, in each of the ways that a render takes. */
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { makeAudio, makeVideo } from '../../fixtures/make.ts';
import { findSandbox } from '../../services/transcoder/find-sandbox.ts';
import type { RenderSettings } from '../../services/transcoder/rendering.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { createLogger } from '../../shared/logger.ts';
import { needsBwrap, settings } from '../support/render-settings.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { renderClip } from '../support/video.ts';

afterEach(() => vi.unstubAllEnvs());

/** Puts an ffmpeg and an ffprobe first on the PATH that begin with these lines of shell, and looks for a sandbox again. */
async function withTools(directory: TemporaryDirectory, lines: string): Promise<RenderSettings> {
  const real = process.env['PATH'] ?? '';
  for (const name of ['ffmpeg', 'ffprobe']) {
    const script = `#!/bin/sh\n${lines}\nPATH='${real}' exec ${name} "$@"\n`;
    await writeFile(join(directory.path, name), script, { mode: 0o755 });
  }
  vi.stubEnv('PATH', directory.path + delimiter + real);
  const sandbox = await findSandbox('bwrap', createLogger('test', { logLevel: 'silent' }));
  return { ...settings, sandbox };
}

it(
  'every call on an original, on copies of it, and on what was made of it, is in the sandbox',
  needsBwrap,
  async () => {
    await using files = await temporaryDirectory();
    await using bin = await temporaryDirectory();
    const at = (name: string) => join(files.path, name);
    const cases = [
      [await makeVideo({ file: at('plain.mp4') }), 'video/mp4', false],
      [await makeVideo({ file: at('plain.mp4') }), 'video/mp4', true],
      [await makeVideo({ file: at('interlaced.ts'), options: ['-flags', '+ildct+ilme'] }), 'video/mp2t', false],
      [await makeVideo({ file: at('no-length.webm'), options: ['-live', '1'] }), 'video/webm', false],
      [await makeVideo({ file: at('wma.mkv'), options: ['-c:a', 'wmav2'] }), 'video/matroska', true],
      [await makeAudio({ file: at('sound.flac') }), 'audio/flac', false],
    ] as const;
    // No sandbox has a list of accounts.
    const outside = `case "$*" in *'-i file:'*) [ ! -e /etc/passwd ] || exit 97 ;; esac`;
    const given = await withTools(bin, outside);
    for (const [file, contentType, lenient] of cases) {
      await using directory = await temporaryDirectory();
      const { variants } = await renderClip(file, contentType, directory.path, { lenient, settings: given });
      expect(variants.length).toBeGreaterThan(0);
    }
    // The tools do look.
    await using directory = await temporaryDirectory();
    const unprotected = { settings: { ...settings, sandbox: NO_SANDBOX } };
    await expect(renderClip(at('plain.mp4'), 'video/mp4', directory.path, unprotected)).rejects.toThrow();
  },
);

it.each([
  { where: 'in a sandbox', kind: 'bwrap' },
  { where: 'without a sandbox', kind: 'none' },
])('$where no tool that opens a file has the keys of the storage', needsBwrap, async ({ kind }) => {
  await using files = await temporaryDirectory();
  await using bin = await temporaryDirectory();
  await using directory = await temporaryDirectory();
  const file = await makeVideo({ file: join(files.path, 'clip.mp4') });
  vi.stubEnv('S3_SECRET_ACCESS_KEY', 'secret');
  const given = await withTools(bin, `case "$*" in *'-i file:'*) [ -z "$S3_SECRET_ACCESS_KEY" ] || exit 97 ;; esac`);
  const as = kind === 'none' ? { ...given, sandbox: NO_SANDBOX } : given;
  const { variants } = await renderClip(file, 'video/mp4', directory.path, { settings: as });
  expect(variants.length).toBeGreaterThan(0);
});

it('a crash in the sandbox is the fault of the file, and worth one more try', needsBwrap, async () => {
  await using files = await temporaryDirectory();
  await using bin = await temporaryDirectory();
  await using directory = await temporaryDirectory();
  const file = await makeVideo({ file: join(files.path, 'clip.mp4') });
  // By a child, as nothing ends the first process of a sandbox that it sends to itself.
  const crash = `case "$*" in *libx264*) sh -c 'kill -SEGV $$'; exit $? ;; esac`;
  const rendering = renderClip(file, 'video/mp4', directory.path, { settings: await withTools(bin, crash) });
  await expect(rendering).rejects.toMatchObject({
    name: 'FileFault',
    certain: false,
    message: expect.stringMatching(/crashes the converter/),
  });
});

it('a sandbox that breaks down is the fault of the machine', needsBwrap, async () => {
  await using files = await temporaryDirectory();
  await using directory = await temporaryDirectory();
  const file = await makeVideo({ file: join(files.path, 'clip.mp4') });
  const gone = { ...settings.sandbox, programs: { ffmpeg: '/nowhere/ffmpeg', ffprobe: '/nowhere/ffprobe' } };
  const rendering = renderClip(file, 'video/mp4', directory.path, { settings: { ...settings, sandbox: gone } });
  await expect(rendering).rejects.toMatchObject({ name: 'ToolFailed' });
});
