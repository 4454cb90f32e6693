/**
 * A copy of a long track that holds only a few of its packets, so that looking at a whole lecture costs no more than
 * looking at its first minutes: two hours of 360p are read in 0.6 CPU seconds, where decoding all their keyframes takes
 * 13 (measured). It also does without seeking: in a fragmented file whose picture begins after its sound ffmpeg misses.
 * (`-discard nokey` would make it cheaper still, but the keyframes then have the times of other frames.)
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Darkroom, ownFfmpeg } from './own-ffmpeg.ts';

/** Of a picture only keyframes are kept. */
export type Thinning =
  /** Of each stretch of so many seconds what begins in so many of its first seconds. */
  | { readonly track: 'video' | 'audio'; readonly everySeconds: number; readonly keepSeconds: number }
  | { readonly track: 'video'; readonly atSeconds: number };

export interface ThinCopy extends AsyncDisposable {
  readonly file: string;
}

/** Less than lies between two frames; times are told in microseconds, and may have been rounded. */
export const HAIR_SECONDS = 0.001;

/** @throws as ownFfmpeg does. */
export async function thinOut(file: string, thinning: Thinning, darkroom: Darkroom): Promise<ThinCopy> {
  const { track } = thinning;
  const copy = `thin-${track}.mov`;
  const stream = track === 'video' ? 'v' : 'a';
  const drop = `noise=drop='not(key)+${unwanted(thinning)}'`;
  await ownFfmpeg(
    { file },
    ['-map', `0:${stream}:0`, '-c', 'copy', `-bsf:${stream}`, drop, '-f', 'mov', `file:${copy}`],
    darkroom,
  );
  return { file: copy, [Symbol.asyncDispose]: () => rm(join(darkroom.directory, copy), { force: true }) };
}

/** In ffmpeg's expressions: of a packet that is not to be kept. */
function unwanted(thinning: Thinning): string {
  return 'atSeconds' in thinning
    ? `gt(abs(pts*tb-${thinning.atSeconds}),${HAIR_SECONDS})`
    : `gt(mod(pts*tb,${thinning.everySeconds}),${thinning.keepSeconds})`;
}
