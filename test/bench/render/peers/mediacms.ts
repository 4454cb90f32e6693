/**
 * MediaCMS makes a file for each rung in a process of its own: medium below 720 lines, faster from there, CRF 23, a
 * keyframe every four seconds.
 * https://github.com/mediacms-io/mediacms: files/helpers.py (read in November 2026). Its chunks, a way to use several
 * machines, are left out: they cost more.
 */
import type { Peer } from '../contender.ts';

/** kbit/s up to 30 frames a second, and above where that differs. */
const rates: Readonly<Record<number, readonly [number, number]>> = {
  1080: [4500, 7500],
  720: [2500, 3500],
  480: [1000, 1000],
  360: [500, 500],
};
const KEYFRAME_SECONDS = 4;

export const mediacms: Peer = {
  name: 'MediaCMS',
  runs: (clip, lines) =>
    lines.map((rung) => {
      const fps = Math.ceil(clip.fps);
      const cap = Math.trunc((rates[rung]?.[clip.fps <= 30 ? 0 : 1] ?? 0) * 1.5);
      const keyframes = fps * KEYFRAME_SECONDS;
      const file = `${rung}.mp4`;
      return {
        makes: [{ lines: rung, file }],
        args: [
          ...['-y', '-i', clip.file, '-c:v', 'libx264', '-filter:v', `scale=-2:${rung},fps=fps=${fps}`],
          ...['-pix_fmt', 'yuv420p', '-crf', '23', ...(clip.audio ? ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'] : [])],
          ...['-maxrate', `${cap}k`, '-bufsize', `${cap}k`],
          ...['-force_key_frames', `expr:gte(t,n_forced*${KEYFRAME_SECONDS})`],
          ...['-x264-params', `keyint=${2 * keyframes}:keyint_min=${keyframes}`],
          ...['-preset', rung >= 720 ? 'faster' : 'medium', '-profile:v', 'main', '-level', '4.2'],
          ...['-strict', '-2', '-movflags', '+faststart', file],
        ],
      };
    }),
};
