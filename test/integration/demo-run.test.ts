/** `npm run demo`: from nothing to variants and mail, and nothing left running. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeImage } from '../../fixtures/make.ts';
import { manifest } from '../../shared/manifest.ts';
import { launch, processesOf } from '../support/command-process.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const DEMO_WITHIN_MS = 180_000;

describe('npm run demo', needs.linux, () => {
  test('its own files: every rung, where it lies, and the mail', { timeout: DEMO_WITHIN_MS }, async () => {
    await using directory = await temporaryDirectory();
    await using demo = launch('demo', { DATA_DIR: directory.path });
    expect(await demo.ended).toBe(0);
    expect(await processesOf(directory.path)).toEqual([]);

    const printed = demo.stdout();
    expect(printed).not.toContain('\u001b');
    expect(rungsOf('Lecture 1', printed)).toEqual(['360p', '480p', '720p', '1080p']);
    expect(rungsOf('Lecture 2', printed)).toEqual(['360p', '480p']);
    expect(printed).toMatch(/^Lecture 1 .*\.mp4: uploading 100 %$/m);
    expect(printed).toMatch(/^Lecture 1 .*\.mp4: ready$/m);

    const manifests = [...printed.matchAll(/^ {2}manifest {2}(.+)$/gm)].map(([, file = '']) => file);
    expect(manifests).toHaveLength(4);
    for (const file of manifests) manifest.parse(JSON.parse(await readFile(file, 'utf8')));
    expect(printed).toMatch(/^To: ada@school\.example\nSubject: 4 files ready: Projectionist demo$/m);
  });

  test('given files: one that is refused is shown with its reason, and the demo fails', async () => {
    await using directory = await temporaryDirectory();
    const picture = await makeImage({ file: join(directory.path, 'picture.png'), width: 320, height: 240 });
    const notes = join(directory.path, 'notes.mp4');
    await writeFile(notes, 'These are only notes.');
    await using demo = launch('demo', { DATA_DIR: join(directory.path, 'data') }, [notes, picture]);
    expect(await demo.ended).toBe(1);
    expect(demo.stdout()).toMatch(/^notes\.mp4: refused: .+$/m);
    expect(demo.stdout()).toMatch(/^picture\.png: ready$/m);
    expect(demo.stdout()).toMatch(/^Subject: 1 file ready/m);
  });

  test('a file that is missing is one line, before anything is started', async () => {
    await using directory = await temporaryDirectory();
    const missing = join(directory.path, 'lecture.mp4');
    await using demo = launch('demo', { DATA_DIR: join(directory.path, 'data') }, [missing]);
    expect(await demo.ended).toBe(1);
    expect(demo.stdout()).toBe('');
    expect(demo.stderr()).toBe(`${missing} does not exist.\n`);
  });

  test('Ctrl-C in the middle of a render stops everything', { timeout: DEMO_WITHIN_MS }, async () => {
    await using directory = await temporaryDirectory();
    await using demo = launch('demo', { DATA_DIR: directory.path });
    await expect.poll(() => demo.stdout(), { timeout: DEMO_WITHIN_MS / 2 }).toMatch(/rendering/);
    process.kill(demo.pid, 'SIGINT');
    expect(await demo.ended).toBe(130);
    expect(await processesOf(directory.path)).toEqual([]);
  });
});

/** Names of the variants of a file that the table shows, from 360p to 1080p. */
function rungsOf(file: string, printed: string): string[] {
  const rows = printed.split('\n').filter((line) => line.startsWith(file) && line.includes('/v1/media/'));
  return rows.flatMap((row) => / (\d+p) +video\/mp4 /.exec(row)?.[1] ?? []);
}
