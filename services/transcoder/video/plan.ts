/** What is made of a source: which variants, how large, how fast, how many bits. Pure. */
import { FileFault } from '../../../shared/errors.ts';
import { fitBox, rungsFor, type Size, worthInLines } from '../rungs.ts';
import type { Colour } from './colour.ts';
import { type FrameRate, fpsOf } from './frame-rate.ts';
import { ladder, type RungLimits } from './ladder.ts';
import type { Source, Track, VideoTrack } from './source.ts';

export interface PlannedRung {
  /** `720p`. */
  readonly name: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly crf: number;
  readonly preset: string;
  /** Peak bit/s of the picture, and the bits of the buffer that evens it out. */
  readonly maxBitrate: number;
  readonly bufferBits: number;
}

export interface VideoPlan {
  readonly kind: 'video';
  readonly video: Track;
  readonly audio: Track | undefined;
  readonly colour: Colour;
  readonly deinterlace: boolean;
  /** One for all rungs, so that their frames and keyframes fall together. */
  readonly frameRate: FrameRate;
  /** Frames from keyframe to keyframe. */
  readonly gop: number;
  /** From the largest to the smallest: each is scaled from the one before. */
  readonly rungs: readonly [PlannedRung, ...PlannedRung[]];
}

export interface AudioPlan {
  readonly kind: 'audio';
  readonly audio: Track;
  readonly file: 'audio.m4a';
}

export type Plan = VideoPlan | AudioPlan;

/** A longer file is refused. */
export const MAX_SECONDS = 12 * 3600;
export const TOO_LONG = `The file is longer than ${MAX_SECONDS / 3600} hours. Please upload it in parts.`;

/** H.264's 4:2:0 needs even sides. */
const EVEN = 2;

/** @throws FileFault when the source says that it is longer than is accepted. */
export function planFor(source: Source): Plan {
  const tracks = source.kind === 'video' ? [source.video, source.audio] : [source.audio];
  const lengths = [source.durationSeconds, ...tracks.map((track) => track?.endsAt)];
  if (lengths.some((seconds = 0) => seconds > MAX_SECONDS)) throw new FileFault(TOO_LONG);
  if (source.kind === 'audio') return { kind: 'audio', audio: source.audio, file: 'audio.m4a' };
  const { video, audio } = source;
  return {
    kind: 'video',
    video,
    audio,
    colour: video.colour,
    deinterlace: video.interlaced,
    frameRate: video.frameRate,
    gop: Math.round(ladder.gopSeconds * fpsOf(video.frameRate)),
    rungs: rungsOf(video),
  };
}

/** @returns the plans of its rungs, each alone, from the smallest to the largest; none where there is but one output. */
export function oneByOne(plan: Plan): VideoPlan[] {
  if (plan.kind === 'audio' || plan.rungs.length === 1) return [];
  return plan.rungs.map((rung): VideoPlan => ({ ...plan, rungs: [rung] })).toReversed();
}

/**
 * Every rung that the picture is worth; if it is smaller than all, one variant at its own size; if it is much larger
 * than its highest rung and below the highest there is, one more at its own size.
 */
function rungsOf(video: VideoTrack): readonly [PlannedRung, ...PlannedRung[]] {
  const worth = worthInLines(video);
  const inside = rungsFor(video, EVEN);
  const highest = inside.at(-1)?.lines ?? 0;
  const planned = inside.map((rung) => plannedRung(rung.name, rung, limitsFor(rung.lines), video));
  if (worth >= ladder.ownSizeFrom * highest && worth < ladder.rungs[0].lines) {
    planned.push(plannedRung(`${Math.round(worth)}p`, fitBox(video, worth, EVEN), limitsFor(worth), video));
  }
  const [largest, ...smaller] = planned.reverse();
  if (!largest) throw new Error(`the ladder has no rung for ${video.width} × ${video.height}`);
  return [largest, ...smaller];
}

/** Those of the smallest rung that is at least so tall. */
function limitsFor(lines: number): RungLimits {
  return ladder.rungs.findLast((limits) => limits.lines >= lines) ?? ladder.rungs[0];
}

function plannedRung(name: string, size: Size, limits: RungLimits, video: VideoTrack): PlannedRung {
  const peak = limits.maxBitrate * (fpsOf(video.frameRate) > ladder.highRate.above ? ladder.highRate.factor : 1);
  const wanted = video.bitrate === undefined ? peak : video.bitrate * ladder.sourceBitrateFactor;
  const maxBitrate = Math.round(Math.min(peak, Math.max(wanted, peak * ladder.leastShareOfPeak)));
  return {
    name,
    file: `${name}.mp4`,
    width: size.width,
    height: size.height,
    crf: limits.crf,
    preset: limits.preset,
    maxBitrate,
    bufferBits: maxBitrate * ladder.bufferSeconds,
  };
}
