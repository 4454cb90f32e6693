/** The storyboard: a sheet of small pictures, and the cues by which a player finds the one for a place on its seek bar. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RenderedVariant } from '../../rendering.ts';
import type { Size } from '../../rungs.ts';
import type { Still } from './stills.ts';
import { cuesOf, layTiles, sheetSize, type Tile, tileTimes } from './storyboard-plan.ts';
import { verifiedPicture } from './verified-picture.ts';

const SHEET = 'storyboard.jpg';
const CUES = 'storyboard.vtt';

/** @throws Error when the machine fails. */
export async function makeStoryboard(
  stills: readonly Still[],
  durationSeconds: number,
  directory: string,
): Promise<RenderedVariant[]> {
  const chosen = tileTimes(stills);
  const [tile] = chosen;
  if (!tile) throw new Error('a storyboard needs a still');
  const times = chosen.map(({ seconds }) => seconds);
  const tiles = layTiles(times, tile, durationSeconds);
  const size = sheetSize(tiles.length, tile);
  const raw = { width: size.width, height: size.height, channels: 3 } as const;
  const sheet = sharp(pasted(chosen, tiles, size), { raw }).jpeg({ quality: 75, progressive: true });
  await writeFile(join(directory, SHEET), await sheet.toBuffer());
  const cues = Buffer.from(cuesOf(tiles, tile, SHEET));
  await writeFile(join(directory, CUES), cues);
  return [
    await verifiedPicture({ name: 'storyboard', file: SHEET, contentType: 'image/jpeg' }, directory),
    { name: 'storyboard', file: CUES, contentType: 'text/vtt', bytes: cues.length },
  ];
}

/** What is left of the last row is black. */
function pasted(stills: readonly Still[], tiles: readonly Tile[], sheet: Size): Buffer {
  const pixels = Buffer.alloc(sheet.width * sheet.height * 3);
  for (const [index, { left, top }] of tiles.entries()) {
    const still = stills[index];
    if (!still) continue;
    const bytes = still.width * 3;
    for (let y = 0; y < still.height; y++) {
      pixels.set(still.pixels.subarray(y * bytes, (y + 1) * bytes), ((top + y) * sheet.width + left) * 3);
    }
  }
  return pixels;
}
