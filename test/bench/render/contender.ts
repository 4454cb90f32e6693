/** What can be run on a clip: commands one after the other, and which files they leave. */
import type { Clip } from './clip.ts';

export interface RungFile {
  /** Lines of the rung, by which contenders are compared. */
  readonly lines: number;
  /** In the directory that the commands run in. */
  readonly file: string;
}

export interface FfmpegRun {
  readonly args: readonly string[];
  readonly makes: readonly RungFile[];
}

/** Another project's way: its own presets, rates, filters and containers, and how many processes it takes. */
export interface Peer {
  readonly name: string;
  /** Lines of the rungs that are compared, from the largest. */
  runs(clip: Clip, lines: readonly number[]): FfmpegRun[];
}
