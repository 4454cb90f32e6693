/** What a source is, as far as a render has to know: which picture, which sound, how large it shows, how fast, how long. Pure. */
import { FileFault } from '../../../shared/errors.ts';
import type { Size } from '../rungs.ts';
import { type Colour, colourOf } from './colour.ts';
import { droppedTracks } from './dropped.ts';
import { type FrameRate, frameRateOf, ratesAgree } from './frame-rate.ts';
import { MAX_PIXELS } from './input-guard.ts';
import { type Fields, flaggedFields, mayLie } from './interlace.ts';
import type { Probed, ProbedStream } from './probe.ts';
import { type SubtitleTrack, subtitleTracks } from './subtitle-tracks.ts';
import { transparency } from './transparency.ts';
import { inOne } from './warning.ts';

export interface Track {
  /** Index of the stream in the file. */
  readonly index: number;
  /** In seconds from the file's first moment; undefined when the file does not say. */
  readonly startsAt: number | undefined;
  /**
   * When it ends, in seconds from the file's first moment, if the file keeps an account that can be relied on.
   * A render that ends earlier has lost something.
   */
  readonly endsAt: number | undefined;
}

export interface AudioTrack extends Track {
  readonly channels: number;
}

export interface VideoTrack extends Track {
  /** Size as displayed: square pixels, turned upright. */
  readonly width: number;
  readonly height: number;
  /** Where ffmpeg would take another one. */
  readonly decoder: string | undefined;
  /** Parts of the picture may be transparent. */
  readonly hasAlpha: boolean;
  readonly frameRate: FrameRate;
  /** Whether the file keeps an account of its frames, and its rates agree; else its packets have to be looked at. */
  readonly isPaceKnown: boolean;
  /** bit/s. */
  readonly bitrate: number | undefined;
  readonly fields: Fields;
  readonly mayLieAboutFields: boolean;
  readonly colour: Colour;
}

interface Common {
  /** What its clock says at its first moment, in seconds. */
  readonly clockAtStart: number;
  /** How long it seems to be; for progress and limits. Undefined when the file does not say, or cannot be believed. */
  readonly durationSeconds: number | undefined;
  /** What the owner should know is left out. */
  readonly warning: string | undefined;
}

export type Source = Common &
  (
    | {
        readonly kind: 'video';
        readonly video: VideoTrack;
        readonly audio: AudioTrack | undefined;
        readonly subtitles: readonly SubtitleTrack[];
      }
    | { readonly kind: 'audio'; readonly audio: AudioTrack }
  );

/** A declared duration at which the file had fewer bits a second than this is not believed: even a still needs more. */
const MIN_BELIEVABLE_BITRATE = 1000;

/** The profile whose picture is neither HDR10 nor HLG nor SDR underneath, as that of the others is. */
const DOLBY_VISION_ALONE = 5;

/**
 * @param lenient whether the sound is enough where the picture cannot be decoded.
 * @throws FileFault when there is nothing in the file that can be shown or heard.
 */
export function sourceOf(probed: Probed, { lenient }: { readonly lenient: boolean } = { lenient: false }): Source {
  const streams = probed.streams.filter((stream) => !isEmpty(stream, probed));
  const pictures = streams.filter(isPicture);
  const picture = firstChoice(pictures);
  const sounds = streams.filter((stream) => stream.codec_type === 'audio');
  const sound = firstChoice(sounds.filter(isAudible));
  const lost = lenient && picture && sound ? lostPicture(picture) : undefined;
  const common = {
    clockAtStart: probed.format.start_time ?? 0,
    durationSeconds: believableDuration(probed),
    warning: inOne([
      lost,
      sounds.length > 0 && !sound && lostSound(sounds),
      ...droppedTracks(
        { pictures: lost ? [] : pictures, sounds: sounds.filter(isAudible), rendered: [picture, sound] },
        streams,
      ),
    ]),
  };
  if (picture && lost === undefined) {
    requireTogether(picture, sound);
    const audio = sound && audioTrack(sound, probed);
    const subtitles = subtitleTracks(streams);
    return { ...common, kind: 'video', video: videoTrack(picture, probed), audio, subtitles };
  }
  if (sound) return { ...common, kind: 'audio', audio: audioTrack(sound, probed) };
  const silent = sounds[0];
  if (silent) throw unsupported('sound', silent);
  throw new FileFault('There is neither a picture nor sound in this file.');
}

/** Sound or picture that comes hours later belongs to a clock gone wrong. */
const MOST_APART_SECONDS = 3600;

function requireTogether(picture: ProbedStream, sound: ProbedStream | undefined): void {
  const apart = Math.abs((picture.start_time ?? 0) - (sound?.start_time ?? picture.start_time ?? 0));
  if (apart <= MOST_APART_SECONDS) return;
  const hours = (apart / 3600).toFixed(1);
  throw new FileFault(`Picture and sound begin ${hours} hours apart in this file. Please export it again.`);
}

/** Some writers of MP4 leave tracks behind that hold nothing, beside those whose samples are counted. */
function isEmpty({ nb_frames: samples = 0 }: ProbedStream, { streams, format }: Probed): boolean {
  return samples === 0 && format.format_name.startsWith('mov') && streams.some((other) => (other.nb_frames ?? 0) > 0);
}

/** A moving picture, which cover art is not. */
function isPicture(stream: ProbedStream): boolean {
  const { attached_pic: coverArt = 0, timed_thumbnails: thumbnails = 0 } = stream.disposition;
  return stream.codec_type === 'video' && coverArt === 0 && thumbnails === 0;
}

function isAudible(stream: ProbedStream): boolean {
  return isKnown(stream.codec_name) && (stream.channels ?? 0) > 0 && (stream.sample_rate ?? 0) > 0;
}

/** ffprobe has a name for the codecs that it knows; those that may not run it has refused before. */
function isKnown(codec: string | undefined): boolean {
  return codec !== undefined && codec !== 'unknown' && codec !== 'none';
}

/** The track that players choose by themselves. */
function firstChoice(streams: readonly ProbedStream[]): ProbedStream | undefined {
  return streams.find((stream) => stream.disposition['default'] === 1) ?? streams[0];
}

function videoTrack(stream: ProbedStream, probed: Probed): VideoTrack {
  if (!isKnown(stream.codec_name)) throw unsupported('picture', stream);
  const { width = 0, height = 0 } = stream;
  if (width === 0 || height === 0) throw new FileFault('The picture in this file has no size: the file is damaged.');
  if (width * height > MAX_PIXELS) {
    throw new FileFault(`The picture is ${width} × ${height}; more than 8K (7680 × 4320) is not accepted.`);
  }
  if (stream.side_data_list.some(({ dv_profile }) => dv_profile === DOLBY_VISION_ALONE)) {
    throw new FileFault('This Dolby Vision video has colours of its own. Please export it as HDR10, HLG or SDR.');
  }
  const shown = cropped({ width, height }, stream);
  const upright = {
    width: Math.max(1, Math.round(shown.width * (stream.sample_aspect_ratio ?? 1))),
    height: shown.height,
  };
  return {
    ...track(stream, probed),
    ...(isOnItsSide(stream) ? { width: upright.height, height: upright.width } : upright),
    ...transparency(stream),
    frameRate: frameRateOf(stream.r_frame_rate, stream.avg_frame_rate),
    isPaceKnown: isIndexed(stream, probed) && ratesAgree(stream.r_frame_rate, stream.avg_frame_rate),
    bitrate: videoBitrate(stream, probed),
    fields: flaggedFields(stream),
    mayLieAboutFields: mayLie(stream, probed.format.format_name),
    colour: colourOf(stream, upright),
  };
}

/** What the container cuts off: an ffmpeg that tells of it (from 7.1 on) does so before any filter. */
function cropped({ width, height }: Size, { side_data_list }: ProbedStream): Size {
  const cut = (side: 'crop_top' | 'crop_bottom' | 'crop_left' | 'crop_right') =>
    side_data_list.reduce((sum, data) => sum + (data[side] ?? 0), 0);
  const left = {
    width: width - cut('crop_left') - cut('crop_right'),
    height: height - cut('crop_top') - cut('crop_bottom'),
  };
  return left.width > 0 && left.height > 0 ? left : { width, height };
}

/** Turned by 90 or 270 degrees, within one, as ffmpeg judges it when it turns the picture upright. */
function isOnItsSide(stream: ProbedStream): boolean {
  const rotation = stream.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  return Math.abs((Math.abs(rotation) % 180) - 90) < 1;
}

/** The track's own, as MP4 says it and mkvmerge notes it, else what the file has left after its sound. */
function videoBitrate(stream: ProbedStream, probed: Probed): number | undefined {
  const own = stream.bit_rate ?? positive(Number(tag(stream, 'BPS')));
  const duration = believableDuration(probed);
  if (duration === undefined) return undefined;
  if (own !== undefined) return own;
  const others = probed.streams
    .filter((other) => other !== stream)
    .reduce((sum, { bit_rate = 0 }) => sum + bit_rate, 0);
  return probed.format.bit_rate === undefined ? undefined : positive(probed.format.bit_rate - others);
}

/** MP4 and QuickTime that are not in fragments list each frame with its time. */
function isIndexed({ nb_frames }: ProbedStream, { format }: Probed): boolean {
  return nb_frames !== undefined && format.format_name.startsWith('mov');
}

function believableDuration({ format }: Probed): number | undefined {
  const duration = positive(format.duration);
  if (duration === undefined || format.size === undefined) return duration;
  return (format.size * 8) / duration < MIN_BELIEVABLE_BITRATE ? undefined : duration;
}

function audioTrack(stream: ProbedStream, probed: Probed): AudioTrack {
  return { ...track(stream, probed), channels: stream.channels ?? 0 };
}

function track(stream: ProbedStream, probed: Probed): Track {
  const { start_time } = stream;
  const startsAt = start_time === undefined ? undefined : start_time - (probed.format.start_time ?? 0);
  return { index: stream.index, startsAt, endsAt: endOf(stream, probed) };
}

/**
 * MP4 and AVI count their samples in an index or header (fragments do not), FLAC does in its header, and Matroska's
 * writers note when each track ends. Other formats say what they hold, or guess.
 */
function endOf(stream: ProbedStream, { format }: Probed): number | undefined {
  const fileBegins = format.start_time ?? 0;
  const counted = (seconds: number | undefined) =>
    seconds === undefined ? undefined : (stream.start_time ?? 0) - fileBegins + seconds;
  switch (format.format_name.split(',')[0]) {
    case 'mov':
      return stream.nb_frames === undefined ? undefined : counted(stream.duration);
    case 'avi':
      return counted(divided(stream.nb_frames, stream.r_frame_rate));
    case 'flac':
      return counted(stream.duration);
    case 'matroska': {
      const end = clockSeconds(tag(stream, 'DURATION'));
      return end === undefined ? undefined : end - fileBegins;
    }
    default:
      return undefined;
  }
}

function divided(frames: number | undefined, rate: number | undefined): number | undefined {
  return frames === undefined || rate === undefined ? undefined : frames / rate;
}

/** `DURATION`, else `DURATION-eng`: editors that cut a file write the first, and leave the second as it was. */
function tag(stream: ProbedStream, name: string): string | undefined {
  const tags = Object.entries(stream.tags).map(([key, value]) => [key.toUpperCase(), value] as const);
  const exact = tags.find(([key]) => key === name) ?? tags.find(([key]) => key.split('-')[0] === name);
  return exact?.[1];
}

/** `00:01:02.500000000` as 62.5. */
function clockSeconds(text: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text ?? '') ?? [];
  return seconds === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function lostPicture(picture: ProbedStream): string | undefined {
  // One that is named is refused, and a film is not its sound; without a name the file does not say what it is.
  if (!isKnown(picture.codec_name)) {
    return codecName(picture) === 'unknown' ? 'The picture was left out: its format is unknown.' : undefined;
  }
  const hasSize = (picture.width ?? 0) > 0 && (picture.height ?? 0) > 0;
  return hasSize ? undefined : 'The picture was left out: it is damaged.';
}

function lostSound(sounds: readonly ProbedStream[]): string {
  const names = [...new Set(sounds.map(codecName))].join(', ');
  return `The sound was left out: its format (${names}) is not supported.`;
}

function unsupported(what: string, stream: ProbedStream): FileFault {
  return new FileFault(
    `The ${what} is in a format that is not supported (${codecName(stream)}). Please export it as MP4 (H.264 and AAC).`,
  );
}

/** What ffprobe calls it, else the four letters in the file, else that it is unknown. */
function codecName(stream: ProbedStream): string {
  const { codec_name: name = 'unknown', codec_tag_string: tagText = '' } = stream;
  if (isKnown(name)) return name;
  return /^[\w ]{2,4}$/.test(tagText) ? tagText.trim() : 'unknown';
}
