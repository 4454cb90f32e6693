/** The media of a run, made once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAudio, makeImage, makeVideo } from '../../fixtures/make.ts';
import { sparseGif } from '../support/pictures.ts';
import type { Content } from './plan.ts';

export type Contents = Readonly<Record<Content, Buffer>>;

/** @param directory where they are kept. */
export async function makeContents(directory: string): Promise<Contents> {
  const video = async (name: string, width: number, height: number, seconds: number) =>
    readFile(await makeVideo({ file: join(directory, name), width, height, seconds }));
  const image = async (name: string, width: number, height: number) =>
    readFile(await makeImage({ file: join(directory, name), width, height }));
  const short = await video('short.mp4', 320, 180, 1);
  return {
    long: await video('long.mp4', 640, 360, 6),
    short,
    portrait: await video('portrait.mp4', 270, 480, 2),
    photo: await image('photo.jpg', 900, 700),
    animation: sparseGif(500, 400, [0, 1, 1, 0]),
    sound: await readFile(await makeAudio({ file: join(directory, 'sound.m4a') })),
    // Its index is at the front: what there is of it can be rescued.
    truncated: short.subarray(0, Math.round(short.length * 0.6)),
    noise: Buffer.concat([short.subarray(0, 32), Buffer.alloc(4000, 0x2a)]),
  };
}

/** The same media, longer by a box that every reader of MP4 skips (ISO 14496-12, 8.1.2). */
export function padded(content: Buffer, bytes: number): Buffer {
  if (bytes === 0) return content;
  const box = Buffer.alloc(bytes);
  box.writeUInt32BE(bytes);
  box.write('free', 4, 'latin1');
  return Buffer.concat([content, box]);
}
