/** Which stills become tiles of the storyboard, where each lies on its sheet, and from when to when it stands for the video. Pure. */
import type { Size } from '../../rungs.ts';

/** Nobody aims at a seek bar more finely. */
const LEAST_SECONDS = 2;
/** Times of frames are not round: at 29.97 frames a second keyframes are 2.002 s apart, at 12.5 they are 2 s. */
const TOLERANCE = 0.1;
const COLUMNS = 10;

export interface Tile {
  /** Pixels from the left and from the top of the sheet. */
  readonly left: number;
  readonly top: number;
  /** A player shows it from then on, up to the next one's. */
  readonly from: number;
  readonly to: number;
}

/** @returns those that are far enough apart, the first included. */
export function tileTimes<Some extends { readonly seconds: number }>(stills: readonly Some[]): Some[] {
  const chosen: Some[] = [];
  for (const still of stills) {
    const last = chosen.at(-1);
    if (!last || still.seconds - last.seconds >= LEAST_SECONDS - TOLERANCE) chosen.push(still);
  }
  return chosen;
}

/** The first tile also stands for what is before it, the last for all that follows. */
export function layTiles(times: readonly number[], tile: Size, durationSeconds: number): Tile[] {
  return times.map((seconds, index) => ({
    left: (index % COLUMNS) * tile.width,
    top: Math.floor(index / COLUMNS) * tile.height,
    from: index === 0 ? 0 : seconds,
    to: times[index + 1] ?? Math.max(durationSeconds, seconds + TOLERANCE),
  }));
}

export function sheetSize(tiles: number, { width, height }: Size): Size {
  return { width: Math.min(COLUMNS, tiles) * width, height: Math.ceil(tiles / COLUMNS) * height };
}

/** A WebVTT file as players read it for previews: each cue is a rectangle of the sheet, which lies beside it. */
export function cuesOf(tiles: readonly Tile[], { width, height }: Size, sheet: string): string {
  const cues = tiles.map(
    ({ left, top, from, to }) => `${stamp(from)} --> ${stamp(to)}\n${sheet}#xywh=${left},${top},${width},${height}\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
}

/** `01:02:03.456`, never later than the frame. */
function stamp(seconds: number): string {
  const ms = Math.floor(seconds * 1000 + 1e-6);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}
