/** What the job hands to a renderer and what comes back. The renderers know no queue, ledger or storage. */
import type { Config } from '../../shared/config.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Kind } from '../../shared/manifest.ts';
import type { Sandbox } from './sandbox.ts';

/** What the operator has chosen about what comes out, and what the machine allows. */
export type RenderSettings = Config['render'] & {
  /** For every tool that opens an original. */
  readonly sandbox: Sandbox;
};

export interface Assignment {
  /** The original, on local disk, under a name of our own. */
  readonly source: string;
  /** As sniffed from its first bytes at the door, e.g. `video/mp4`; decides which demuxer or loader may touch it. */
  readonly contentType: string;
  /** An empty directory for the outputs; the caller removes it. */
  readonly directory: string;
  /**
   * The last try of a file that failed: decode what can be decoded, make the rungs that can be made, and say so in
   * `warning`. Every limit that protects the machine still holds.
   */
  readonly lenient: boolean;
  readonly settings: RenderSettings;
  /** Aborted when the house stops: the render ends at once and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RenderProgress) => void;
  readonly log: Logger;
}

export interface RenderProgress {
  /** 0 to 99, whole; 100 is said by the ledger when the upload is ready. */
  readonly percent: number;
  /** Seconds of media rendered per second. */
  readonly speed?: number;
  readonly etaSeconds?: number;
}

/** One verified output file in the assignment's directory. */
export interface RenderedVariant {
  readonly name: string;
  /** File name in the directory and last segment of the public address: `720p.mp4`. */
  readonly file: string;
  readonly contentType: string;
  readonly bytes: number;
  /** Pixels as displayed. */
  readonly width?: number;
  readonly height?: number;
  readonly durationSeconds?: number;
  /** Average over the whole file, bit/s. */
  readonly bitrate?: number;
  /** Of subtitles: BCP-47. */
  readonly language?: string;
  /** Of subtitles: their title in the file. */
  readonly label?: string;
}

export interface Rendering {
  /** What the probe found it to be, which may differ from what its first bytes said. */
  readonly kind: Kind;
  readonly variants: readonly RenderedVariant[];
  /** A few bytes that a page paints until the picture is there: placeholder.ts. */
  readonly placeholder?: string;
  /** What the owner should know though it is ready: what was dropped or repaired. */
  readonly warning?: string;
}
