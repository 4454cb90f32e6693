import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAudio, makeVideo, type VideoRecipe } from '../../fixtures/make.ts';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { look } from '../../services/transcoder/video/look.ts';
import { ourOwn } from '../../services/transcoder/video/opening.ts';
import { probe } from '../../services/transcoder/video/probe.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { renderClip } from '../support/video.ts';

let scratch: TemporaryDirectory;
const { signal } = new AbortController();
const opening = ourOwn('mov', NO_SANDBOX);
const at = (file: string) => ({ file, opening, threads: 1, lenient: false });

beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

const clip = (recipe: Omit<VideoRecipe, 'file'>) =>
  makeVideo({ file: join(scratch.path, `${recipe.picture}.mp4`), width: 640, height: 360, seconds: 2, ...recipe });
const slide = { picture: 'test-card', filter: 'loop=loop=-1:size=1' } as const;
const sourceIn = async (file: string) => sourceOf(await probe(file, opening, signal));

describe('a look at a source', () => {
  it('finds that a slide stands still', async () => {
    const file = await clip(slide);
    expect(await look(await sourceIn(file), at(file), signal)).toBe('still');
  });

  it.each(['meadow', 'speaker'] as const)('finds that a %s moves', async (picture) => {
    const file = await clip({ picture });
    expect(await look(await sourceIn(file), at(file), signal)).toBe('moving');
  });

  it('looks at many places of what is long', async () => {
    const file = await clip(slide);
    const source = { ...(await sourceIn(file)), durationSeconds: 100 };
    expect(await look(source, at(file), signal)).toBe('still');
  });

  it('says that what cannot be read moves, and leaves the refusal to others', async () => {
    const source = await sourceIn(await clip({ picture: 'speaker' }));
    const noise = join(scratch.path, 'noise.mp4');
    await writeFile(noise, Buffer.alloc(2000, 7));
    expect(await look(source, at(noise), signal)).toBe('moving');
  });

  it('decides how the rungs are encoded', async () => {
    const directory = join(scratch.path, 'rendered');
    await mkdir(directory);
    await renderClip(await clip(slide), 'video/mp4', directory);
    // x264 writes its settings into the file; slides get no frames between others.
    const [bframes] = / bframes=\d+/.exec((await readFile(join(directory, '360p.mp4'))).toString('latin1')) ?? [];
    expect(bframes).toBe(' bframes=0');
  });

  it('has nothing to see in sound', async () => {
    const file = await makeAudio({ file: join(scratch.path, 'sound.m4a') });
    expect(await look(await sourceIn(file), at(file), signal)).toBe('moving');
  });

  it('ends with the house', async () => {
    const file = await clip({ picture: 'speaker' });
    const stopped = AbortSignal.abort(new Error('asked to stop'));
    await expect(look(await sourceIn(file), at(file), stopped)).rejects.toThrow('asked to stop');
  });
});
