/** The one ffmpeg call that renders a plan: its options, filter graph and outputs. Pure; golden tests pin it word for word. */

import type { Ladder } from '../ladder.ts';
import type { Sandbox } from '../sandbox.ts';
import { BT709, type ColourTags, type WideColour } from './colour.ts';
import { encoders } from './encoders.ts';
import type { FrameRate } from './frame-rate.ts';
import { inputGuard } from './input-guard.ts';
import type { Opening } from './opening.ts';
import { type AudioPlan, MAX_SECONDS, type Plan, type PlannedRung, type VideoPlan } from './plan.ts';
import type { AudioTrack, Track } from './source.ts';

export interface Command {
  /** Where it runs; the one file that it reads is its input. */
  readonly sandbox: Sandbox;
  /** Everything before `-i`. */
  readonly inputOptions: readonly string[];
  /** Absolute path. */
  readonly input: string;
  /** For `-filter_complex`; a render of sound alone has none. */
  readonly graph: string | undefined;
  /** Files are relative to the directory that ffmpeg runs in. */
  readonly outputs: readonly { readonly options: readonly string[]; readonly file: string }[];
}

export interface Circumstances {
  /** Absolute path of the source. */
  readonly file: string;
  readonly opening: Opening;
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
  const { inputOptions, ...input } = inputOf(circumstances);
  return {
    ...input,
    inputOptions: [...inputOptions, ...(plan.kind === 'video' ? decoderOptions(plan.video) : [])],
    ...(plan.kind === 'video' ? ladderOf(plan, circumstances) : soundAlone(plan, circumstances)),
  };
}

function decoderOptions({ index, decoder }: VideoPlan['video']): string[] {
  return decoder === undefined ? [] : [`-c:${index}`, decoder];
}

/**
 * Decodes one track to its end and keeps nothing of it, to see how much there is.
 * @param frameRate of the plan, for a picture, so that its end falls where the rungs' will.
 */
export function surveyCommand(track: Track, frameRate: FrameRate | undefined, circumstances: Circumstances): Command {
  const from = `0:${track.index}`;
  return {
    ...inputOf(circumstances),
    graph: frameRate && `[${from}]${steady(frameRate, track)}[v]`,
    outputs: [{ options: ['-map', frameRate ? '[v]' : from, '-f', 'null'], file: 'nothing' }],
  };
}

/** Reads the packets of some tracks, decodes none and keeps nothing, to see when the last one ends. */
export function packetsCommand(tracks: readonly Track[], maxSeconds: number, circumstances: Circumstances): Command {
  const maps = tracks.flatMap(({ index }) => ['-map', `0:${index}`]);
  return {
    ...inputOf(circumstances, maxSeconds),
    graph: undefined,
    outputs: [{ options: [...maps, '-c', 'copy', '-f', 'null'], file: 'nothing' }],
  };
}

type Input = Pick<Command, 'sandbox' | 'inputOptions' | 'input'>;

/** One second more than is accepted is read, so that a longer file shows. */
function inputOf({ file, opening, threads, lenient }: Circumstances, maxSeconds = MAX_SECONDS): Input {
  return {
    sandbox: opening.sandbox,
    inputOptions: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-nostats'],
      ...['-stats_period', '1', '-progress', 'pipe:2'],
      ...['-max_error_rate', String(lenient ? MAX_ERROR_RATE.lenient : MAX_ERROR_RATE.strict)],
      ...inputGuard(opening.demuxers),
      ...['-threads', String(threads)],
      ...['-t', String(maxSeconds + 1)],
    ],
    input: file,
  };
}

function ladderOf(plan: VideoPlan, { threads, lenient }: Circumstances): Pick<Command, 'graph' | 'outputs'> {
  return {
    graph: graphOf(plan),
    outputs: plan.rungs.map((rung, index) => ({
      file: rung.file,
      options: [
        ...['-map', `[v${index}]`],
        ...encoders[rung.codec].options({ ...rung, gop: plan.gop, threads }),
        ...(plan.audio ? soundOptions(plan.audio, plan.sound, lenient) : []),
        ...noMetadata,
        ...['-max_muxing_queue_size', String(MOST_QUEUED), '-movflags', STREAMABLE],
      ],
    })),
  };
}

function soundAlone(plan: AudioPlan, { lenient }: Circumstances): Pick<Command, 'graph' | 'outputs'> {
  return {
    graph: undefined,
    outputs: [
      {
        file: plan.file,
        options: [...soundOptions(plan.audio, plan.sound, lenient), ...noMetadata, '-movflags', '+faststart'],
      },
    ],
  };
}

/** Decode once; settle rate and colour for all; then each rung is scaled from a larger one. */
function graphOf(plan: VideoPlan): string {
  const chains = plan.rungs.map((rung, index) => {
    const from = rung.scaledFrom === undefined ? `[0:${plan.video.index}]` : `[${rung.scaledFrom}to${rung.name}]`;
    const filters = rung.scaledFrom === undefined ? preparation(plan, rung) : scaled(rung);
    const smaller = plan.rungs.filter(({ scaledFrom }) => scaledFrom === rung.name);
    const labels = [`[v${index}]`, ...smaller.map(({ name }) => `[${rung.name}to${name}]`)];
    const split = labels.length === 1 ? '' : `,split=${labels.length}`;
    return `${from}${filters}${split}${labels.join('')}`;
  });
  return chains.join(';');
}

function preparation(plan: VideoPlan, largest: PlannedRung): string {
  return [
    ...(plan.fields === 'none' ? [] : [`bwdif=mode=send_frame:parity=${parities[plan.fields]}:deint=all`]),
    // What is transparent is seen on black, as in players; else it shows colours that nobody was to see.
    ...(plan.video.hasAlpha ? ['premultiply=inplace=1'] : []),
    steady(plan.frameRate, plan.video),
    ...(plan.holdSeconds > 0 ? [`tpad=stop_mode=clone:stop_duration=${plan.holdSeconds}`] : []),
    ...coloured(plan, largest),
    'setsar=1',
  ].join(',');
}

/**
 * Scales to the largest rung in the colour that all rungs share. The frames are tagged here, not by encoder options:
 * ffmpeg 7 forgets primaries and transfer given as options, and converts the picture to a matrix that is.
 */
function coloured({ colour }: VideoPlan, { width, height, scaler }: PlannedRung): string[] {
  switch (colour.range) {
    case 'sdr': {
      const matrix = colour.fromRgb ? `:out_color_matrix=${colour.tags.matrix}` : '';
      return [
        `scale=w=${width}:h=${height}:flags=${scaler}:out_range=tv${matrix}`,
        'format=yuv420p',
        tagged(colour.tags),
      ];
    }
    case 'wide':
      return [
        // The curves of SDR are so much alike that players treat them as one: it stays.
        `zscale=w=${width}:h=${height}:f=${scaler}:${converted(colour.from)}:p=bt709:t=${colour.from.transfer}:m=bt709:r=tv`,
        'format=yuv420p',
        tagged(BT709),
      ];
    case 'hdr':
      return [
        `zscale=w=${width}:h=${height}:f=${scaler}:${converted(colour.from)}:t=linear:npl=100`,
        'format=gbrpf32le',
        'zscale=p=bt709',
        'tonemap=tonemap=hable:desat=0',
        'zscale=t=bt709:m=bt709:r=tv',
        'format=yuv420p',
        // Newer encoders would write how bright the source was into the rungs.
        'sidedata=mode=delete',
        tagged(BT709),
      ];
  }
}

function converted({ matrix, primaries, transfer }: WideColour): string {
  return `tin=${transfer}:pin=${primaries}${matrix === undefined ? '' : `:min=${matrix}`}`;
}

function tagged({ matrix, primaries, transfer }: ColourTags): string {
  return `setparams=range=tv:colorspace=${matrix}:color_primaries=${primaries}:color_trc=${transfer}`;
}

/** The pixels are made square again after each scale, which else keeps the shape by bending them. */
function scaled({ width, height, scaler }: PlannedRung): string {
  return `scale=w=${width}:h=${height}:flags=${scaler},setsar=1`;
}

function soundOptions(audio: AudioTrack, sound: Ladder['audio'], lenient: boolean): string[] {
  const { bitrate, sampleRate, channels } = sound;
  return [
    ...['-map', `0:${audio.index}`],
    ...['-af', [withSilence(audio, lenient), ...spread(audio.channels, channels)].join(',')],
    ...['-c:a', 'aac', '-b:a', String(bitrate), '-ac', String(channels), '-ar', String(sampleRate)],
  ];
}

/** Both ears hear a lone microphone as loud as it is; by itself ffmpeg would take 3 dB away. */
const mono = ['pan=stereo|c0=c0|c1=c0'];

function spread(from: number, to: number): readonly string[] {
  if (from > to) return mixedDown;
  return from === 1 && to === 2 ? mono : [];
}

/** The voices of 5.1 keep their loudness; where all channels are loud at once, their sum has to be held below full scale. */
const mixedDown = ['aformat=channel_layouts=stereo', 'alimiter=limit=0.95:level=false'];

/** Sound that begins so late is noticed, seconds. */
const LATE_FROM = 0.02;

/**
 * Silence in holes, and before a late beginning: AAC in MP4 has no room for either. Where the sound changes its format in
 * the middle, ffmpeg begins anew with this filter, which would then fill up from the file's beginning: so only if needed,
 * or where the first sound may not be decodable.
 */
function withSilence({ startsAt = Number.POSITIVE_INFINITY }: Track, lenient: boolean): string {
  return lenient || startsAt > LATE_FROM ? 'aresample=async=1:first_pts=0' : 'aresample=async=1';
}

/** Metadata may say where somebody lives. No chapters, subtitles or data either. */
const noMetadata = ['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'];

/**
 * A fragment for each group of pictures and one index of them in front: the same file is downloaded, played by
 * `<video src>`, and cut into segments by the byte ranges of HLS playlists. With `empty_moov` instead of `delay_moov` the
 * padding of AAC would show in the duration (Chromium, measured).
 */
const STREAMABLE = '+frag_keyframe+default_base_moof+delay_moov+global_sidx';

/** Packets of the picture that wait for the sound to begin, as ffmpeg 5 lets them: nine minutes of 30 frames a second. */
const MOST_QUEUED = 16_384;

/** bwdif's names. */
const parities = { flagged: 'auto', 'top-first': 'tff', 'bottom-first': 'bff' };

/**
 * The first frame stands from the file's first moment on, so that nothing depends on edit lists. Where the picture changes
 * its size in the middle, ffmpeg begins anew with this filter, which would then repeat frames from the file's beginning:
 * so only if needed.
 */
function steady(frameRate: FrameRate, { startsAt = Number.POSITIVE_INFINITY }: Track): string {
  return `fps=fps=${fraction(frameRate)}${startsAt > LATE_FROM ? ':start_time=0' : ''}`;
}

function fraction({ numerator, denominator }: FrameRate): string {
  return denominator === 1 ? String(numerator) : `${numerator}/${denominator}`;
}
