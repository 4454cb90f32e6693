/** Reads ffmpeg's `-progress` lines: how far it is, how fast, how long it will still take. */
import type { RenderProgress } from '../rendering.ts';

/** @returns whether this line belongs to a progress report, and not to what ffmpeg complains of. */
export function isProgressLine(line: string): boolean {
  return /^(frame|fps|stream_\d+_\d+_\w+|bitrate|total_size|out_time(_us|_ms)?|dup_frames|drop_frames|speed|progress)=/.test(
    line,
  );
}

/** @returns seconds of media rendered so far, if this is the line that says so. */
export function renderedSeconds(line: string): number | undefined {
  const [, microseconds] = /^out_time_us=(\d+)$/.exec(line) ?? [];
  return microseconds === undefined ? undefined : Number(microseconds) / 1e6;
}

/**
 * @param seconds of media rendered so far, in so many seconds by the clock.
 * @param durationSeconds of the whole; when it is not known there is only a speed to tell.
 */
export function progressAt(
  seconds: number,
  elapsedSeconds: number,
  durationSeconds: number | undefined,
): RenderProgress {
  const speed = elapsedSeconds > 0 && seconds > 0 ? { speed: round(seconds / elapsedSeconds) } : {};
  if (durationSeconds === undefined) return { percent: 0, ...speed };
  const percent = Math.min(99, Math.floor((seconds / durationSeconds) * 100));
  if (speed.speed === undefined) return { percent };
  const left = Math.max(0, durationSeconds - seconds);
  return { percent, ...speed, etaSeconds: Math.ceil((left * elapsedSeconds) / seconds) };
}

function round(speed: number): number {
  return Math.round(speed * 100) / 100;
}
