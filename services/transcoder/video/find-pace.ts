/** What a file does not say of itself, or what cannot be believed, is found out from its packets. */
import { FileFault } from '../../../shared/errors.ts';
import type { Circumstances } from './command.ts';
import { type FrameRate, fpsOf } from './frame-rate.ts';
import { type Pace, paceOf } from './pace.ts';
import { packetTimes } from './probe.ts';
import type { Source } from './source.ts';

/** Formats whose clock may jump, when it wraps around or when recordings are joined (ffmpeg's AVFMT_TS_DISCONT). */
const jumping = ['mpegts', 'mpeg', 'mpegvideo', 'flv', 'ogg'];

/** A picture that stands longer is a clock gone wrong, not a slide. */
const LONGEST_STAND_SECONDS = 3600;

/**
 * @returns the source with its frame rate and length as they are.
 * @throws FileFault when there is a hole of hours in it; as packetTimes does.
 */
export async function withPaceFound(
  source: Source,
  { file, opening }: Circumstances,
  signal: AbortSignal,
): Promise<Source> {
  const times = (index: number) => packetTimes(file, opening, index, signal);
  const hasJumps = opening.demuxers.some((demuxer) => jumping.includes(demuxer));
  if (source.kind === 'audio') {
    if (source.durationSeconds !== undefined) return source;
    const pace = paceOf(await times(source.audio.index), hasJumps);
    return { ...source, durationSeconds: pace?.seconds };
  }
  if (source.video.isPaceKnown) return source;
  const pace = paceOf(await times(source.video.index), hasJumps);
  if (!pace) return source;
  requireNoHole(pace);
  const { video } = source;
  const frameRate = isNear(video.frameRate, pace.frameRate) ? video.frameRate : pace.frameRate;
  return { ...source, durationSeconds: likely(source.durationSeconds, pace), video: { ...video, frameRate } };
}

/** What is said exactly is better than what was measured in milliseconds. */
function isNear(said: FrameRate, found: FrameRate): boolean {
  return Math.abs(fpsOf(said) / fpsOf(found) - 1) < 0.03;
}

function requireNoHole({ longestStand }: Pace): void {
  if (longestStand <= LONGEST_STAND_SECONDS) return;
  const hours = (longestStand / 3600).toFixed(1);
  throw new FileFault(
    `There is a hole of ${hours} hours in this video: its clock went wrong while it was recorded. Please export it again.`,
  );
}

/** The sound may be longer than the picture, but not by as much as lies are. */
function likely(declared: number | undefined, { seconds }: Pace): number {
  const isCredible = declared !== undefined && declared >= seconds && declared <= 2 * seconds + 60;
  return isCredible ? declared : seconds;
}
