/** What is wrong with an output, by what ffprobe says of it and what was planned. Pure; undefined is nothing. */
import type { PlannedRung } from '../plan.ts';
import type { ProbedStream } from '../probe.ts';
import type { Track } from '../source.ts';

export function unlikePicture(rung: PlannedRung, [video, ...more]: readonly ProbedStream[]): string | undefined {
  if (!video) return 'it has no picture';
  if (more.length > 0) return 'it has too many pictures';
  if (video.codec_name !== rung.codec || video.pix_fmt !== 'yuv420p')
    return `it is ${video.codec_name} ${video.pix_fmt}`;
  if (video.width !== rung.width || video.height !== rung.height) return `it is ${video.width} × ${video.height}`;
  if ((video.sample_aspect_ratio ?? 1) !== 1) return 'its pixels are not square';
  return tooHigh(rung, video);
}

function tooHigh({ maxLevel }: PlannedRung, { level = 0 }: ProbedStream): string | undefined {
  return level > maxLevel ? `its level is ${level}, and devices play up to ${maxLevel}` : undefined;
}

/** @param planned the source's sound, if it has any. */
export function unlikeSound(planned: Track | undefined, [audio, ...more]: readonly ProbedStream[]): string | undefined {
  if (!audio) return planned && 'it has no sound';
  if (!planned || more.length > 0) return 'it has too many sounds';
  return audio.codec_name === 'aac' ? undefined : `its sound is ${audio.codec_name}`;
}

/** AAC begins with 21 ms of padding at 48 kHz; what is beyond is heard. */
const MOST_APART_SECONDS = 0.025;

/** Whether picture and sound begin together. */
export function apart(video: ProbedStream, audio: ProbedStream | undefined): string | undefined {
  const seconds = audio ? Math.abs((video.start_time ?? 0) - (audio.start_time ?? 0)) : 0;
  return seconds > MOST_APART_SECONDS ? `picture and sound begin ${seconds} s apart` : undefined;
}

/** Whether a track ends before the source's does. @param tolerance seconds. */
export function endsEarly(
  rendered: ProbedStream | undefined,
  source: Track | undefined,
  tolerance: number,
): string | undefined {
  const endsAt = rendered ? endOf(rendered) : 0;
  if (source?.endsAt === undefined || endsAt >= source.endsAt - tolerance) return undefined;
  return `the source's track ${source.index} ends at ${source.endsAt} s, here it ends at ${endsAt} s`;
}

/** In seconds. */
export function endOf({ start_time = 0, duration = 0 }: ProbedStream): number {
  return start_time + duration;
}
