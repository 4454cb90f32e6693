/** Files that put words into ffmpeg's mouth which only the machine should say: none is waited for, none tried for ever. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeAudio } from '../../fixtures/make.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { runTool } from '../../shared/run-tool.ts';
import { outcomeOf } from '../support/hostile/outcome.ts';
import { flacSaying, machineWords, oggSaying } from '../support/hostile/words.ts';
import { needs } from '../support/needs.ts';
import { needsBwrap, settings } from '../support/render-settings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe.each([
  { where: 'in a sandbox', sandbox: settings.sandbox, options: needsBwrap },
  { where: 'without a sandbox', sandbox: NO_SANDBOX, options: needs.linux },
])('$where a cover whose type reads', ({ sandbox, options }) => {
  it.each(machineWords)('%j is no trouble of the machine', options, async (words) => {
    await using directory = await temporaryDirectory();
    const at = (name: string) => join(directory.path, name);
    const whole = await readFile(await makeAudio({ file: at('sound.flac') }));
    await writeFile(at('said.flac'), flacSaying(words, whole));
    await writeFile(at('said.ogg'), oggSaying(words));
    for (const [name, contentType] of [
      ['said.flac', 'audio/flac'],
      ['said.ogg', 'video/ogg'],
    ] as const) {
      expect(await printedAbout(at(name))).toContain(words);
      for (const lenient of [false, true]) {
        expect(await outcomeOf(at(name), contentType, sandbox, lenient)).not.toBe('rendered');
      }
    }
  });
});

/** The tool does print it. */
async function printedAbout(file: string): Promise<string> {
  const script = 'ffprobe -hide_banner -v error "$0" 2>&1 || true';
  return await runTool('sh', ['-c', script, file], { timeoutMs: 10_000 });
}
