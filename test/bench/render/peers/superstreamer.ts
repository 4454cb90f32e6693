/**
 * Superstreamer makes a silent file for each rung in a process of its own, slow, at an average bitrate without a cap, and
 * the sound in one more.
 * https://github.com/superstreamerapp/superstreamer: apps/artisan/src/workers/ffmpeg.ts, lib/default-values.ts,
 * packages/bolt/src/add-to-queue.ts (segments of 2.24 s) at d9dd511
 */
import type { FfmpegRun, Peer } from '../contender.ts';

const bitrates: Readonly<Record<number, number>> = { 1080: 4_000_000, 720: 2_000_000, 480: 1_000_000, 360: 400_000 };
const SEGMENT_SECONDS = 2.24;

export const superstreamer: Peer = {
  name: 'Superstreamer',
  runs(clip, lines) {
    const keyframes = String(Math.round(SEGMENT_SECONDS * clip.fps));
    const fragment = ['-frag_duration', String(SEGMENT_SECONDS * 1e6)];
    const pictures = lines.map((rung): FfmpegRun => {
      const file = `${rung}.m4v`;
      return {
        makes: [{ lines: rung, file }],
        args: [
          ...['-y', '-i', clip.file, '-f', 'mp4', '-an', '-c:v', 'h264', '-b:v', String(bitrates[rung] ?? 0)],
          ...['-r', clip.rate, '-movflags', '+frag_keyframe', ...fragment, '-keyint_min', keyframes, '-g', keyframes],
          ...['-profile:v', rung >= 720 ? 'high' : 'main', '-preset', 'slow', '-flags', '+loop'],
          ...['-pix_fmt', 'yuv420p', '-flags', '+cgop', '-vf', `setsar=1:1,scale=-2:${rung}`, file],
        ],
      };
    });
    const sound = ['-y', '-i', clip.file, '-f', 'mp4', '-vn', '-ac', '2', '-c:a', 'aac', '-b:a', '128000', ...fragment];
    return [...pictures, ...(clip.audio ? [{ makes: [], args: [...sound, 'audio.m4a'] }] : [])];
  },
};
