/** Clips like those that courses are made of, made from numbers: anyone gets the same. */
import { join } from 'node:path';
import { makeVideo, type VideoRecipe } from '../../../fixtures/make.ts';

/** As a camera or a screen recorder saves it: good, but not without loss. */
const recorded = ['-preset', 'faster', '-crf', '18'];

const recipes: readonly VideoRecipe[] = [
  { file: 'meadow-1080p.mp4', picture: 'meadow', width: 1920, height: 1080, seconds: 8, options: recorded },
  { file: 'speaker-1080p.mp4', picture: 'speaker', width: 1920, height: 1080, seconds: 8, options: recorded },
  { file: 'screen-1080p.mp4', picture: 'screen', width: 1920, height: 1080, seconds: 12, fps: 30, options: recorded },
  { file: 'meadow-2160p.mp4', picture: 'meadow', width: 3840, height: 2160, seconds: 4, options: recorded },
];

/** Makes those that are not there yet. @returns their files. */
export async function makeClips(directory: string, say: (line: string) => void): Promise<string[]> {
  const files: string[] = [];
  for (const recipe of recipes) {
    say(`making ${recipe.file}`);
    files.push(await makeVideo({ ...recipe, file: join(directory, recipe.file) }));
  }
  return files;
}
