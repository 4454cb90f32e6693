/** Files that would have us open others: no file beside them and no server is ever touched. */
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { keptContentTypes, sniff } from '../../services/upload/intake/media-type.ts';
import { runTool } from '../../shared/run-tool.ts';
import { type Canary, placeCanary } from '../support/hostile/canary.ts';
import { outcomeOf, outcomesOf } from '../support/hostile/outcome.ts';
import { referencesTo } from '../support/hostile/references.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SOUND_AND_VIDEO = keptContentTypes.filter((type) => !type.startsWith('image/'));

async function placed(): Promise<{ readonly canary: Canary; readonly path: (name: string) => string }> {
  const directory = await temporaryDirectory();
  const canary = await placeCanary(directory.path);
  onTestFinished(async () => {
    await canary[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });
  return { canary, path: (name) => join(directory.path, name) };
}

const names = Object.keys(referencesTo(''));

/** Without a sandbox, in which there would be nothing to touch: the input guard has to be enough. */
describe('a reference', needs.linux, () => {
  it.each(names)('in %s is not followed', async (name) => {
    const { canary, path } = await placed();
    const [ts, mp4] = canary.files;
    const targets = { absolute: ts, relative: basename(mp4 ?? ''), schema: `file:${ts}`, http: `${canary.url}/a.ts` };
    for (const [how, target] of Object.entries(targets)) {
      const file = path(`${how}.mp4`);
      await writeFile(file, referencesTo(target)[name] ?? '');
      await outcomesOf(file, 'video/mp4', NO_SANDBOX);
    }
    expect(canary.touched()).toEqual([]);
  });

  it.each(['an HLS playlist', 'a DASH manifest', 'an ffconcat script', 'plain text'])(
    'in %s is not followed, whatever type it is taken for',
    async (name) => {
      const { canary, path } = await placed();
      await writeFile(path('any'), referencesTo('canary.ts')[name] ?? '');
      for (const contentType of SOUND_AND_VIDEO) await outcomeOf(path('any'), contentType, NO_SANDBOX, true);
      expect(canary.touched()).toEqual([]);
    },
  );

  it('that is followed would be noticed: this is what ffmpeg does when it may guess', async () => {
    const { canary, path } = await placed();
    for (const [name, target] of [
      ['an ffconcat script', 'canary.ts'],
      ['a DASH manifest', canary.files[1] ?? ''],
    ] as const) {
      await writeFile(path('followed.mp4'), referencesTo(target)[name] ?? '');
      const reading = runTool('ffmpeg', ['-v', 'error', '-i', path('followed.mp4'), '-f', 'null', '-'], {
        timeoutMs: 5000,
      });
      await reading.catch(() => {});
    }
    expect(canary.touched()).toEqual(['canary.ts', 'canary.mp4']);
    await fetch(canary.url).catch(() => {});
    expect(canary.touched()).toContain('server');
  });
});

it.each(names)('%s does not pass the door', async (name) => {
  for (const target of ['/etc/passwd', 'http://127.0.0.1/a.ts']) {
    const text = referencesTo(target)[name] ?? '';
    expect(await sniff(Buffer.from(text))).toMatchObject({ outcome: 'refused' });
    // A byte order mark, or blank lines before it, change nothing.
    expect(await sniff(Buffer.from(`\u{feff}\n\n${text}`))).toMatchObject({ outcome: 'refused' });
  }
});
