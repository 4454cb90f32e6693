/** What is made of a source: which variants, how large, how fast, how many bits. Pure. */
import {
  type Codec,
  type Content,
  type Encoding,
  type Ladder,
  linesOf,
  type Quality,
  type RungSettings,
} from '../ladder.ts';
import { fitBox, rungsFor, type Size, worthInLines } from '../rungs.ts';
import type { Colour } from './colour.ts';
import { encoders } from './encoders.ts';
import { type FrameRate, fpsOf, nearestRate } from './frame-rate.ts';
import type { Fields } from './interlace.ts';
import type { AudioTrack, Source, Track, VideoTrack } from './source.ts';
import type { SubtitleTrack } from './subtitle-tracks.ts';
import type { Transparency } from './transparency.ts';

export interface PlannedRung {
  /** `720p`. */
  readonly name: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly codec: Codec;
  readonly encoding: Encoding;
  readonly maxLevel: number;
  readonly scaler: RungSettings['scaler'];
  /** Name of the rung that it is scaled from; undefined is the source, as the largest is. */
  readonly scaledFrom: string | undefined;
  /** Peak bit/s of the picture, and the bits of the buffer that evens it out. */
  readonly maxBitrate: number;
  readonly bufferBits: number;
}

export interface VideoPlan {
  readonly kind: 'video';
  readonly video: Track & Transparency;
  readonly audio: AudioTrack | undefined;
  readonly sound: Ladder['audio'];
  readonly subtitles: readonly SubtitleTrack[];
  readonly colour: Colour;
  /** Of the source; what has fields is deinterlaced. */
  readonly fields: Fields;
  /** One for all rungs, so that their frames and keyframes fall together. */
  readonly frameRate: FrameRate;
  /** How long the last frame stands until the sound has ended: a stream's segments are counted by its picture. */
  readonly holdSeconds: number;
  /** Frames from keyframe to keyframe. */
  readonly gop: number;
  /** From the largest to the smallest. */
  readonly rungs: readonly [PlannedRung, ...PlannedRung[]];
}

export interface AudioPlan {
  readonly kind: 'audio';
  readonly audio: AudioTrack;
  readonly sound: Ladder['audio'];
  readonly file: 'audio.m4a';
}

export type Plan = VideoPlan | AudioPlan;

/** A longer file is refused (measure.ts). */
export const MAX_SECONDS = 12 * 3600;

/** Frames a second; television has no more. */
const MOST_INTERLACED = 31;

/** H.264's 4:2:0 needs even sides. */
const EVEN = 2;

export interface Aim {
  readonly ladder: Ladder;
  readonly quality: Quality;
  readonly content: Content;
}

export function planFor(source: Source, aim: Aim): Plan {
  if (source.kind === 'audio') {
    return { kind: 'audio', audio: source.audio, sound: aim.ladder.audio, file: 'audio.m4a' };
  }
  const { audio, subtitles } = source;
  const video = { ...source.video, frameRate: framesOnly(source.video) };
  const { frameRate } = video;
  return {
    kind: 'video',
    video,
    audio,
    sound: aim.ladder.audio,
    subtitles,
    colour: video.colour,
    fields: video.fields,
    frameRate,
    holdSeconds: holdFor(video, audio),
    gop: Math.round(aim.ladder.gopSeconds * fpsOf(frameRate)),
    rungs: rungsOf(video, aim),
  };
}

/** Sound that goes on for less is heard anyway. */
const HOLD_FROM_SECONDS = 0.1;

function holdFor(video: Track, audio: Track | undefined): number {
  const seconds = (audio?.endsAt ?? 0) - (video.endsAt ?? Number.POSITIVE_INFINITY);
  return seconds > HOLD_FROM_SECONDS ? Math.round(seconds * 1000) / 1000 : 0;
}

/** What is interlaced may count its fields, of which two make a frame. */
function framesOnly({ frameRate, fields }: VideoTrack): FrameRate {
  if (fields === 'none' || fpsOf(frameRate) <= MOST_INTERLACED) return frameRate;
  return nearestRate(fpsOf(frameRate) / 2);
}

/** @returns the plans of its rungs, each alone, from the smallest to the largest; none where there is but one output. */
export function oneByOne(plan: Plan): VideoPlan[] {
  if (plan.kind === 'audio' || plan.rungs.length === 1) return [];
  return plan.rungs.map((rung): VideoPlan => ({ ...plan, rungs: [{ ...rung, scaledFrom: undefined }] })).toReversed();
}

interface Place extends Size {
  readonly name: string;
  readonly settings: RungSettings;
}

/**
 * Every rung that the picture is worth; if it is smaller than all, one variant at its own size; if it is much larger
 * than its highest rung and below the highest there is, one more at its own size.
 */
function rungsOf(video: VideoTrack, aim: Aim): readonly [PlannedRung, ...PlannedRung[]] {
  const { ladder } = aim;
  const worth = worthInLines(video);
  const inside = rungsFor(video, EVEN, linesOf(ladder));
  const places = ladder.rungs.flatMap((settings): Place[] => {
    const rung = inside.find(({ lines }) => lines === settings.lines);
    return rung ? [{ ...rung, name: nameOf(rung.name, settings, ladder), settings }] : [];
  });
  const highest = inside.at(-1)?.lines ?? 0;
  if (worth >= ladder.ownSizeFrom * highest && worth < ladder.rungs[0].lines) {
    const settings = ladder.rungs.findLast(({ lines }) => lines >= worth) ?? ladder.rungs[0];
    places.unshift({
      ...fitBox(video, worth, EVEN),
      name: nameOf(`${Math.round(worth)}p`, settings, ladder),
      settings,
    });
  }
  const [largest, ...smaller] = places;
  if (!largest) throw new Error(`the ladder has no rung for ${video.width} × ${video.height}`);
  const planned = (place: Place, from: Place | undefined) => plannedRung(place, from?.name, video, aim);
  return [planned(largest, undefined), ...smaller.map((place) => planned(place, scaledFrom(place, places)))];
}

/** A second codec of the same rung has it in its name. */
function nameOf(rung: string, { codec }: RungSettings, ladder: Ladder): string {
  return codec === ladder.rungs[0].codec ? rung : `${rung}_${codec}`;
}

function scaledFrom(place: Place, places: readonly Place[]): Place | undefined {
  const earlier = places.slice(0, places.indexOf(place));
  return earlier.findLast(({ settings }) => settings.lines >= place.settings.scaledFrom) ?? earlier[0];
}

function plannedRung(place: Place, from: string | undefined, video: VideoTrack, aim: Aim): PlannedRung {
  const { ladder, quality, content } = aim;
  const { name, width, height, settings } = place;
  const peak = settings.maxBitrate * (fpsOf(video.frameRate) > ladder.highRate.above ? ladder.highRate.factor : 1);
  const wanted = video.bitrate === undefined ? peak : video.bitrate * ladder.sourceBitrateFactor;
  const maxBitrate = Math.round(Math.min(peak, Math.max(wanted, peak * ladder.leastShareOfPeak)));
  return {
    name,
    file: `${name}.mp4`,
    width,
    height,
    codec: settings.codec,
    maxLevel: settings.maxLevel ?? encoders[settings.codec].maxLevel,
    encoding: settings.encodings[content][quality],
    scaler: settings.scaler,
    scaledFrom: from,
    maxBitrate,
    bufferBits: maxBitrate * ladder.bufferSeconds,
  };
}
