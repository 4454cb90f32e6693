/** What a rescue makes of a damaged source: which tracks are worth rendering, how long they are, and how that is told. Pure. */
import { FileFault } from '../../../shared/errors.ts';
import { type FrameRate, lengthTolerance } from './frame-rate.ts';
import type { LeftBehind } from './openable.ts';
import type { Source, Track } from './source.ts';
import { inOne } from './warning.ts';

/** What came of decoding a track to its end. */
export interface Found {
  /** When the last that could be decoded ends, in seconds from the file's first moment. */
  readonly endsAt: number;
  /** Whether the decoder complained. */
  readonly damaged: boolean;
}

/** Undefined is a track of which nothing could be decoded, or that is not there. */
export interface Survey {
  readonly video: Found | undefined;
  readonly audio: Found | undefined;
}

/**
 * @param isCutOff whether the file is shorter than its headers say.
 * @returns the source as long as what was found of it, without the tracks of which there was nothing.
 * @throws FileFault when nothing was found.
 */
export function salvage(source: Source, survey: Survey, isCutOff = false): Source {
  const video = source.kind === 'video' ? source.video : undefined;
  const { audio } = source;
  const kept = {
    video: video && survey.video && { ...video, endsAt: survey.video.endsAt },
    audio: audio && survey.audio && { ...audio, endsAt: survey.audio.endsAt },
  };
  const lost = inOne([
    video && !kept.video && 'The picture was left out: it is damaged.',
    audio && !kept.audio && 'The sound was left out: it is damaged.',
  ]);
  const isDamaged = survey.video?.damaged || survey.audio?.damaged;
  // A track that is lost is complained of also while the other is decoded.
  const damage =
    shortness(source, survey) ??
    (isCutOff ? 'The file is damaged: its end is missing.' : undefined) ??
    (isDamaged && !lost && 'The file is damaged: parts of it could not be read.');
  const warning = inOne([source.warning, lost, damage]);
  const common = {
    clockAtStart: source.clockAtStart,
    durationSeconds: Math.max(survey.video?.endsAt ?? 0, survey.audio?.endsAt ?? 0),
    warning,
  };
  if (source.kind === 'video' && kept.video) return { ...source, ...common, video: kept.video, audio: kept.audio };
  if (kept.audio) return { ...common, kind: 'audio', audio: kept.audio };
  throw new FileFault('There is nothing in this file that can be shown or heard: it is damaged.');
}

/** What was left out so that the rest could be opened. @param rest what was found there. */
export function leftBehind({ refused, kind }: LeftBehind, rest: Source): string {
  const track = refused === undefined ? 'a damaged track' : `a track in a format that is not supported (${refused})`;
  if (kind === 'sound' && rest.audio === undefined) return `There is no sound: ${track} was left out.`;
  if (kind !== 'sound' && rest.kind === 'audio') return `Only the sound could be rendered: ${track} was left out.`;
  return `There is more in the file: ${track} was left out.`;
}

/** @param missing names of rungs. */
export function missingRungs(missing: readonly string[]): string | undefined {
  return missing.length === 0 ? undefined : `Some sizes could not be made: ${missing.join(', ')}.`;
}

/** How much there is against what was announced; undefined when it is all. */
function shortness(source: Source, { video, audio }: Survey): string | undefined {
  const picture = source.kind === 'video' && video ? shortfall(video, source.video, source.video.frameRate) : undefined;
  const sound = audio && source.audio ? shortfall(audio, source.audio) : undefined;
  const all = picture ?? (video ? undefined : sound) ?? wholeShortfall(source, video, audio);
  if (all) return `The file is damaged: ${firstPart(all)}`;
  return sound && `The sound is damaged: ${firstPart(sound)}`;
}

interface Shortfall {
  readonly endsAt: number;
  readonly announced: number;
}

function shortfall({ endsAt }: Found, track: Track, rate?: FrameRate): Shortfall | undefined {
  const { endsAt: announced } = track;
  return announced !== undefined && endsAt < announced - lengthTolerance(rate) ? { endsAt, announced } : undefined;
}

/** What a file says of itself as a whole is rougher than its account of a track, and counts where there is none. */
const ROUGHLY_SECONDS = 1;

function wholeShortfall({ durationSeconds }: Source, video?: Found, audio?: Found): Shortfall | undefined {
  const endsAt = Math.max(video?.endsAt ?? 0, audio?.endsAt ?? 0);
  const isShort = durationSeconds !== undefined && endsAt > 0 && endsAt < durationSeconds - ROUGHLY_SECONDS;
  return isShort ? { endsAt, announced: durationSeconds } : undefined;
}

/** Below this a clock of minutes and seconds says too little. */
const SHORT_SECONDS = 10;

function firstPart({ endsAt: seconds, announced }: Shortfall): string {
  if (announced < SHORT_SECONDS) {
    return `only the first ${seconds.toFixed(1)} of ${announced.toFixed(1)} seconds could be rendered.`;
  }
  if (announced - seconds < 1) return 'its last moment is missing.';
  return `only the first ${clock(seconds)} of ${clock(announced)} could be rendered.`;
}

/** 3725 as `1:02:05`, 36.4 as `0:36`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
