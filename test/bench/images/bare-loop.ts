/**
 * What sharp does with nothing around it, in one process: the same outputs of one picture after the other. Told a photo
 * and how, it answers with how many bytes came out.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { ladder, linesOf } from '../../../services/transcoder/ladder.ts';
import { rungsFor } from '../../../services/transcoder/rungs.ts';

export interface BareTask {
  readonly photo: string;
  readonly directory: string;
  /** One output after the other, or all outputs of the picture at once. */
  readonly how: 'one-by-one' | 'at-once';
}

process.on('message', async ({ photo, directory, how }: BareTask) => {
  process.send?.(await makeOutputs(photo, directory, how));
});

async function makeOutputs(photo: string, directory: string, how: BareTask['how']): Promise<number> {
  const { width = 0, height = 0 } = (await sharp(photo).metadata()).autoOrient;
  const rungs = rungsFor({ width, height }, 1, linesOf(ladder));
  const largest = rungs.at(-1) ?? { width, height };
  const { data, info } = await open(photo)
    .resize(largest.width, largest.height, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const copy = () => sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
  const write = async (file: string, image: Sharp) => {
    const bytes = await image.toBuffer();
    await writeFile(join(directory, file), bytes);
    return bytes.length;
  };
  const outputs = [
    ...rungs.flatMap((rung) => [
      () => write(`${rung.name}.webp`, webp(copy().resize(rung.width, rung.height, { fit: 'fill' }))),
      () => write(`${rung.name}.jpg`, jpeg(copy().resize(rung.width, rung.height, { fit: 'fill' }))),
    ]),
    () => write('full.webp', webp(open(photo))),
    () => write('full.jpg', jpeg(open(photo))),
    () => write('thumbnail.webp', webp(copy().resize(150, 150, { fit: 'cover' }))),
  ];
  if (how === 'at-once') return sum(await Promise.all(outputs.map((output) => output())));
  let bytes = 0;
  for (const output of outputs) bytes += await output();
  return bytes;
}

const open = (photo: string) => sharp(photo, { sequentialRead: true, autoOrient: true });
const webp = (image: Sharp) => image.webp({ quality: 80, effort: 4 });
const jpeg = (image: Sharp) => image.flatten({ background: 'white' }).jpeg({ quality: 82, progressive: true });
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
