/** What the tests upload, made once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAudio, makeImage, makeVideo } from '../../fixtures/make.ts';
import type { FormFile } from '../support/client.ts';
import { mp4Like } from '../support/samples.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** One of every kind, in the order of their names; `3 broken.mp4` passes the door and cannot be rendered. */
export async function mixedFiles(): Promise<FormFile[]> {
  await using directory = await temporaryDirectory();
  const made = async (make: (file: string) => Promise<string>, name: string) => ({
    name,
    content: await readFile(await make(join(directory.path, name))),
  });
  const video = (name: string, recipe = {}) => made((file) => makeVideo({ file, ...recipe }), name);
  const image = (name: string, recipe = {}) => made((file) => makeImage({ file, ...recipe }), name);
  return [
    await video('1 lecture.mp4', { width: 1280, height: 720 }),
    await image('2 slide.jpg', { width: 800, height: 600 }),
    { name: '3 broken.mp4', content: mp4Like(20_000) },
    await made((file) => makeAudio({ file }), '4 talk.mp3'),
    await video('5 screen.webm'),
    await image('6 logo.png', { width: 300, height: 200 }),
    await image('7 photo.webp'),
    await video('8 camera.mkv', { sound: false }),
  ];
}

/** One that takes some seconds to render, so that there is a middle of it. */
export async function longVideo(): Promise<FormFile> {
  await using directory = await temporaryDirectory();
  const file = await makeVideo({ file: join(directory.path, 'long.mp4'), width: 1280, height: 720, seconds: 20 });
  return { name: 'long.mp4', content: await readFile(file) };
}

export async function smallImage(name: string): Promise<FormFile> {
  await using directory = await temporaryDirectory();
  const file = await makeImage({ file: join(directory.path, 'small.png'), width: 300, height: 200 });
  return { name, content: await readFile(file) };
}
