/** The one ffmpeg call that renders a plan: its options, filter graph and outputs. Pure; golden tests pin it word for word. */
import { BT709, type ColourTags } from './colour.ts';
import type { FrameRate } from './frame-rate.ts';
import { inputGuard } from './input-guard.ts';
import { ladder } from './ladder.ts';
import { type AudioPlan, MAX_SECONDS, type Plan, type PlannedRung, type VideoPlan } from './plan.ts';
import type { Track } from './source.ts';

export interface Command {
  /** Everything before `-i`. */
  readonly inputOptions: readonly string[];
  readonly input: string;
  /** For `-filter_complex`; a render of sound alone has none. */
  readonly graph: string | undefined;
  /** Files are relative to the directory that ffmpeg runs in. */
  readonly outputs: readonly { readonly options: readonly string[]; readonly file: string }[];
}

export interface Circumstances {
  /** Absolute path of the source. */
  readonly file: string;
  readonly demuxers: readonly string[];
  /** For the decoder and for each encoder. */
  readonly threads: number;
  /** Whether frames that cannot be decoded are passed over, however many they are. */
  readonly lenient: boolean;
}

/**
 * Share of frames that may fail to decode. A truncated file is noticed by its length; a glitch must not cost a lecture.
 * Nothing else makes ffmpeg more lenient than it is: of what it has, `-err_detect ignore_err` and `-fflags +genpts` changed
 * no frame of files with cuts, holes and noise in eight containers, and `+discardcorrupt` lost some (5.1 and 8.1, measured).
 */
const MAX_ERROR_RATE = { strict: 0.1, lenient: 1 };

export function commandFor(plan: Plan, circumstances: Circumstances): Command {
  return {
    ...inputOf(circumstances),
    ...(plan.kind === 'video' ? ladderOf(plan, circumstances.threads) : soundAlone(plan)),
  };
}

/**
 * Decodes one track to its end and keeps nothing of it, to see how much there is.
 * @param frameRate of the plan, for a picture, so that its end falls where the rungs' will.
 */
export function surveyCommand(track: Track, frameRate: FrameRate | undefined, circumstances: Circumstances): Command {
  const from = `0:${track.index}`;
  return {
    ...inputOf(circumstances),
    graph: frameRate && `[${from}]fps=fps=${fraction(frameRate)}[v]`,
    outputs: [{ options: ['-map', frameRate ? '[v]' : from, '-f', 'null'], file: 'nothing' }],
  };
}

function inputOf({ file, demuxers, threads, lenient }: Circumstances): Pick<Command, 'inputOptions' | 'input'> {
  return {
    inputOptions: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-nostats'],
      ...['-stats_period', '1', '-progress', 'pipe:2'],
      ...['-max_error_rate', String(lenient ? MAX_ERROR_RATE.lenient : MAX_ERROR_RATE.strict)],
      ...inputGuard(demuxers),
      ...['-threads', String(threads)],
      // One second more than is accepted, so that a longer file shows.
      ...['-t', String(MAX_SECONDS + 1)],
    ],
    input: `file:${file}`,
  };
}

function ladderOf(plan: VideoPlan, threads: number): Pick<Command, 'graph' | 'outputs'> {
  return {
    graph: graphOf(plan),
    outputs: plan.rungs.map((rung, index) => ({
      file: rung.file,
      options: [
        ...['-map', `[v${index}]`],
        ...pictureOptions(rung, plan.gop, threads),
        ...(plan.audio ? soundOptions(plan.audio) : []),
        ...containerOptions,
      ],
    })),
  };
}

function soundAlone(plan: AudioPlan): Pick<Command, 'graph' | 'outputs'> {
  return {
    graph: undefined,
    outputs: [{ file: plan.file, options: [...soundOptions(plan.audio), ...containerOptions] }],
  };
}

/** Decode once; settle rate and colour for all; then each rung is scaled from the one above it. */
function graphOf(plan: VideoPlan): string {
  const chains = plan.rungs.map((rung, index) => {
    const from = index === 0 ? `[0:${plan.video.index}]${preparation(plan, rung)}` : `[c${index}]${scaled(rung)}`;
    const isLast = index === plan.rungs.length - 1;
    return isLast ? `${from}[v${index}]` : `${from},split=2[v${index}][c${index + 1}]`;
  });
  return chains.join(';');
}

function preparation(plan: VideoPlan, largest: PlannedRung): string {
  return [
    ...(plan.deinterlace ? ['bwdif=mode=send_frame:parity=auto:deint=all'] : []),
    `fps=fps=${fraction(plan.frameRate)}`,
    ...coloured(plan, largest),
    'setsar=1',
  ].join(',');
}

/**
 * Scales to the largest rung in the colour that all rungs share. The frames are tagged here, not by encoder options:
 * ffmpeg 7 forgets primaries and transfer given as options, and converts the picture to a matrix that is.
 */
function coloured({ colour }: VideoPlan, { width, height }: PlannedRung): string[] {
  switch (colour.range) {
    case 'sdr': {
      const matrix = colour.fromRgb ? `:out_color_matrix=${colour.tags.matrix}` : '';
      return [
        `scale=w=${width}:h=${height}:flags=bicubic:out_range=tv${matrix}`,
        'format=yuv420p',
        tagged(colour.tags),
      ];
    }
    case 'hdr':
      return [
        `zscale=w=${width}:h=${height}:f=bicubic:tin=${colour.transfer}:pin=bt2020:min=bt2020nc:t=linear:npl=100`,
        'format=gbrpf32le',
        'zscale=p=bt709',
        'tonemap=tonemap=hable:desat=0',
        'zscale=t=bt709:m=bt709:r=tv',
        'format=yuv420p',
        tagged(BT709),
      ];
  }
}

function tagged({ matrix, primaries, transfer }: ColourTags): string {
  return `setparams=range=tv:colorspace=${matrix}:color_primaries=${primaries}:color_trc=${transfer}`;
}

/** The pixels are made square again after each scale, which else keeps the shape by bending them. */
function scaled({ width, height }: PlannedRung): string {
  return `scale=w=${width}:h=${height}:flags=bicubic,setsar=1`;
}

function pictureOptions(rung: PlannedRung, gop: number, threads: number): string[] {
  return [
    ...['-c:v', 'libx264', '-preset', rung.preset, '-crf', String(rung.crf)],
    ...['-maxrate', String(rung.maxBitrate), '-bufsize', String(rung.bufferBits)],
    ...['-profile:v', 'high', '-pix_fmt', 'yuv420p'],
    // A fixed grid of keyframes; scene cuts must not add any, or the rungs fall apart.
    ...['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0'],
    ...['-threads', String(threads)],
  ];
}

function soundOptions(audio: Track): string[] {
  const { bitrate, sampleRate, channels } = ladder.audio;
  return [
    ...['-map', `0:${audio.index}`],
    ...['-c:a', 'aac', '-b:a', String(bitrate), '-ac', String(channels), '-ar', String(sampleRate)],
  ];
}

/** No metadata (it may say where somebody lives), no chapters, subtitles or data; the index first, for streaming. */
const containerOptions = [
  ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
  ...['-max_muxing_queue_size', '1024', '-movflags', '+faststart'],
];

function fraction({ numerator, denominator }: FrameRate): string {
  return denominator === 1 ? String(numerator) : `${numerator}/${denominator}`;
}
