/** The media of a run, made once. Each file of a run has a length of its own, by which the faults know it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeImage, makeVideo } from '../../fixtures/make.ts';
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
    animation: await image('other.png', 500, 400),
    // Its index is at the front: what there is of it can be rescued.
    truncated: short.subarray(0, Math.round(short.length * 0.6)),
    noise: Buffer.concat([short.subarray(0, 32), Buffer.alloc(4000, 0x2a)]),
  };
}

/** The same media, longer by a box that every reader of MP4 skips (ISO 14496-12, 8.1.2), so that no two are equally long. */
export function unique(content: Buffer, index: number): Buffer {
  const box = Buffer.alloc(8 + 16 * (index + 1));
  box.writeUInt32BE(box.length);
  box.write('free', 4, 'latin1');
  return Buffer.concat([content, box]);
}

/** Whether ffmpeg renders it, and it is whole. */
export const isVideo = (content: Content) => content === 'long' || content === 'short' || content === 'portrait';
