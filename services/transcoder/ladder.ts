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
  /**
   * Distance of keyframes, which are the same on all rungs. A fragment of the file is as long, and so is what has to arrive
   * before a player changes the rung. Half the distance would take 9 % more bytes.
   */
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

/**
 * What x264 is asked beyond its preset. Each was measured on five seconds of natural film, at equal VMAF of every frame and
 * beside the others: bytes first, time second. With these, a tuned veryfast does with fewer bytes than a plain faster or
 * medium, in less time.
 */

/** x264 moves bits into flat areas; a third of its strength takes 5 % fewer bytes than the whole, none at all 7 %. */
const aq = { 'aq-mode': 1, 'aq-strength': 0.3 };
/** 20 frames more than veryfast looks ahead cost 2 % of the time, save 4 %, and one CRF then suits film and faces alike. */
const ahead = { 'rc-lookahead': 30 };
/** Half of x264's own, and no trellis of it: 2 % fewer bytes. */
const psy = { 'psy-rd': '0.5,0' };
/** Trellis saves 8 % and costs nothing; the smallest search and no parts of 8×8 between frames save time, hardly cost a byte. */
const quick = { trellis: 1, me: 'dia', partitions: 'i8x8,i4x4', ...ahead, ...aq };
/** From here on how blocks are coded is decided by what it costs, not by a guess: 5 % fewer bytes, 5 % more time. */
const weighed = { ...quick, subme: 6, ...psy };
/** The wider search is worth 3 % where there is time for it. */
const thorough = { trellis: 1, partitions: 'i8x8,i4x4', ...ahead, ...aq, ...psy };
const slow = { ...ahead, bframes: 5, ...aq, ...psy };

/**
 * On slides, frames between others have nothing to do: without them a quarter less time, and the same bytes. A second frame
 * to copy from is worth its time where a page comes back.
 */
const slides = { trellis: 1, me: 'dia', ...ahead, ...aq, ref: 2, 'mixed-refs': 1, bframes: 0, weightp: 0 };
const weighedSlides = { ...slides, subme: 6, ...psy };

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
          fast: { preset: 'veryfast', crf: 25.8, params: quick },
          balanced: { preset: 'veryfast', crf: 23.3, params: quick },
          small: { preset: 'veryfast', crf: 25.6, params: { ...thorough, subme: 7 } },
        },
        still: {
          fast: { preset: 'veryfast', crf: 26.9, params: slides },
          balanced: { preset: 'veryfast', crf: 25.1, params: { ...slides, subme: 3 } },
          small: { preset: 'veryfast', crf: 26.4, params: { ...weighedSlides, subme: 7, ref: 3 } },
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
          fast: { preset: 'veryfast', crf: 25.6, params: quick },
          balanced: { preset: 'veryfast', crf: 24.7, params: quick },
          small: { preset: 'medium', crf: 26, params: { ...thorough, ref: 2, subme: 8, bframes: 5, 'b-adapt': 2 } },
        },
        still: {
          fast: { preset: 'veryfast', crf: 27.9, params: slides },
          balanced: { preset: 'veryfast', crf: 27.1, params: { ...slides, subme: 3 } },
          small: { preset: 'veryfast', crf: 27.9, params: { ...weighedSlides, subme: 7, ref: 3 } },
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
          fast: { preset: 'veryfast', crf: 26.4, params: quick },
          balanced: { preset: 'veryfast', crf: 25.2, params: weighed },
          small: { preset: 'slow', crf: 25.7, params: slow },
        },
        still: {
          fast: { preset: 'veryfast', crf: 27.4, params: slides },
          balanced: { preset: 'veryfast', crf: 26.4, params: weighedSlides },
          small: { preset: 'veryfast', crf: 27.2, params: { ...weighedSlides, subme: 7, ref: 3 } },
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
          fast: { preset: 'veryfast', crf: 26.4, params: quick },
          balanced: { preset: 'veryfast', crf: 25.3, params: weighed },
          small: { preset: 'slow', crf: 25.9, params: slow },
        },
        still: {
          fast: { preset: 'veryfast', crf: 26.9, params: slides },
          balanced: { preset: 'veryfast', crf: 25.4, params: weighedSlides },
          small: { preset: 'veryfast', crf: 26.4, params: { ...weighedSlides, subme: 7, ref: 3 } },
        },
      },
    },
  ],
  ownSizeFrom: 1.2,
  gopSeconds: 4,
  segmentFragments: 1,
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
