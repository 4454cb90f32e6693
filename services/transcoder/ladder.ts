/**
 * The ladder as data: which rungs there are, what each may cost, and how it is encoded. To add a rung, add an entry; to use
 * another codec, name it (video/encoders.ts is the table of codecs). No other file knows a number of this one.
 *
 * Capped CRF: an easy clip stays small because the quality is constant, a hard one does not explode because its peak is
 * capped. A CRF says nothing across presets, sizes or codecs: each point was found by measuring (npm run bench).
 */

/** Points on the frontier of time, bytes and quality: the setting QUALITY. */
export const QUALITIES = ['fast', 'balanced', 'small'] as const;
export type Quality = (typeof QUALITIES)[number];

/** What is encoded differently: a screen or slides, where most frames repeat the one before, and everything else. */
export type Content = 'moving' | 'still';

export type Codec = 'h264' | 'hevc' | 'av1';

export interface Encoding {
  /** The encoder's own name for how much time it takes. */
  readonly preset: string;
  /** Constant rate factor; lower is better. */
  readonly crf: number;
  /** The encoder's own parameters, beyond those that every rung has. */
  readonly params: Readonly<Record<string, string | number>>;
}

export interface RungSettings {
  /** Which rung: 720 for 720p. */
  readonly lines: number;
  readonly codec: Codec;
  /** Peak video bit/s at 30 frames per second and fewer. */
  readonly maxBitrate: number;
  /** The highest level that the devices it is for decode, as ffprobe counts it; what the codec's table says unless given. */
  readonly maxLevel?: number;
  /** The rung it is scaled from, by its lines; where that is not made, the largest. The largest is scaled from the source. */
  readonly scaledFrom: number;
  readonly scaler: 'bicubic' | 'lanczos';
  readonly encodings: Readonly<Record<Content, Readonly<Record<Quality, Encoding>>>>;
}

export interface Ladder {
  /** From the largest to the smallest. A variant at the source's own size has the settings of the next larger rung. */
  readonly rungs: readonly [RungSettings, ...RungSettings[]];
  /** A source this many times larger than its highest rung keeps one more variant at its own size. */
  readonly ownSizeFrom: number;
  /** Distance of keyframes, which are the same on all rungs. A fragment of the file is as long. */
  readonly gopSeconds: number;
  /** Fragments in a segment of the HLS playlists. */
  readonly segmentFragments: number;
  /** Peaks are allowed more above so many frames per second. */
  readonly highRate: { readonly above: number; readonly factor: number };
  /** The decoder's buffer holds this many seconds at the peak rate: peaks stay below twice the average, as Apple asks. */
  readonly bufferSeconds: number;
  /**
   * No peak need be higher than this times the source's average: nobody's peaks should be, says Apple. With PeerTube's 1.3
   * a source of 2 Mbit/s came out at VMAF 96.5 instead of 99.
   */
  readonly sourceBitrateFactor: number;
  /** But it gets at least this share of its peak: the source may have been made by a better or slower encoder. */
  readonly leastShareOfPeak: number;
  /** AAC. bit/s, Hz. */
  readonly audio: { readonly bitrate: number; readonly sampleRate: number; readonly channels: number };
}

/** x264 moves bits into flat areas; half as many as by default look better to VMAF, by about a point (every seventh frame read). */
const aq = { 'aq-mode': 1, 'aq-strength': 0.5 };
/** Saves 5 % of the bytes at equal PSNR. */
const psy = { 'psy-rd': '0.5,0' };
/** x264's veryfast can have these for nothing: +1.1 VMAF, and 9 % less time. */
const quick = { trellis: 1, me: 'dia', ...aq };
/** +1.4 VMAF on small pictures. */
const chosenB = { bframes: 5, 'b-adapt': 2, ...aq };
/** On slides the letters are what shows. Where little moves, one frame serves many: the encoder has to see them. */
const slides = { 'aq-mode': 0, bframes: 5, 'rc-lookahead': 30 };
/** The least that shows them well: a fifth less time than with x264's own. */
const quickSlides = { ...slides, bframes: 8, trellis: 1, weightp: 0 };

export const ladder: Ladder = {
  rungs: [
    {
      lines: 1080,
      codec: 'h264',
      maxBitrate: 5_000_000,
      scaledFrom: 1080,
      scaler: 'bicubic',
      encodings: {
        moving: {
          fast: { preset: 'veryfast', crf: 24, params: quick },
          balanced: { preset: 'veryfast', crf: 22.8, params: quick },
          small: { preset: 'medium', crf: 24.8, params: { ...psy, ...chosenB } },
        },
        still: {
          fast: { preset: 'veryfast', crf: 26.2, params: quickSlides },
          balanced: { preset: 'veryfast', crf: 25.2, params: quickSlides },
          small: { preset: 'medium', crf: 27, params: { ...psy, ...slides, 'b-adapt': 2 } },
        },
      },
    },
    {
      lines: 720,
      codec: 'h264',
      maxBitrate: 2_800_000,
      scaledFrom: 1080,
      scaler: 'lanczos',
      encodings: {
        moving: {
          fast: { preset: 'veryfast', crf: 24.9, params: quick },
          balanced: { preset: 'veryfast', crf: 24.3, params: { trellis: 1, ...chosenB } },
          small: { preset: 'slow', crf: 24.8, params: { ...psy, bframes: 5, ...aq } },
        },
        still: {
          fast: { preset: 'veryfast', crf: 28.5, params: quickSlides },
          balanced: { preset: 'faster', crf: 29, params: slides },
          small: { preset: 'medium', crf: 28.5, params: { ...psy, ...slides, 'b-adapt': 2 } },
        },
      },
    },
    {
      lines: 480,
      codec: 'h264',
      maxBitrate: 1_400_000,
      scaledFrom: 720,
      scaler: 'lanczos',
      encodings: {
        moving: {
          fast: { preset: 'veryfast', crf: 26, params: { ...quick, 'b-adapt': 2 } },
          balanced: { preset: 'medium', crf: 25.4, params: { ...psy, ...chosenB, 'rc-lookahead': 20 } },
          small: { preset: 'slow', crf: 25, params: { ...psy, bframes: 5, ...aq } },
        },
        still: {
          fast: { preset: 'veryfast', crf: 28, params: quickSlides },
          balanced: { preset: 'medium', crf: 27.5, params: { ...psy, ...slides, 'b-adapt': 2 } },
          small: { preset: 'medium', crf: 28, params: { ...psy, ...slides, 'b-adapt': 2 } },
        },
      },
    },
    {
      lines: 360,
      codec: 'h264',
      maxBitrate: 800_000,
      scaledFrom: 720,
      scaler: 'lanczos',
      encodings: {
        moving: {
          fast: { preset: 'veryfast', crf: 26, params: { ...quick, 'b-adapt': 2 } },
          balanced: { preset: 'medium', crf: 25.2, params: { ...psy, ...chosenB, 'rc-lookahead': 20 } },
          small: { preset: 'slow', crf: 24.8, params: { ...psy, bframes: 5, ...aq } },
        },
        still: {
          fast: { preset: 'veryfast', crf: 28, params: quickSlides },
          balanced: { preset: 'medium', crf: 27.5, params: { ...psy, ...slides, 'b-adapt': 2 } },
          small: { preset: 'medium', crf: 28, params: { ...psy, ...slides, 'b-adapt': 2 } },
        },
      },
    },
  ],
  ownSizeFrom: 1.2,
  gopSeconds: 2,
  segmentFragments: 2,
  highRate: { above: 30, factor: 1.5 },
  bufferSeconds: 2,
  sourceBitrateFactor: 2,
  leastShareOfPeak: 0.5,
  audio: { bitrate: 128_000, sampleRate: 48_000, channels: 2 },
};

/** Lines of the rungs, from the smallest, each once: an image has the same. */
export function linesOf({ rungs }: Ladder): number[] {
  return [...new Set(rungs.map(({ lines }) => lines))].sort((one, other) => one - other);
}
