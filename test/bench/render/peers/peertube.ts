/**
 * PeerTube makes a file for each rung in a process of its own: veryfast, no CRF below x264's 23, capped at bits for each
 * pixel, but never at more than 1.3 times the source's rate.
 * https://github.com/Chocobozzz/PeerTube: packages/ffmpeg/src/ffmpeg-default-transcoding-profile.ts, ffmpeg-vod.ts,
 * shared/presets.ts, shared/encoder-options.ts, packages/core-utils/src/videos/bitrate.ts (read in November 2026)
 */
import type { Clip } from '../clip.ts';
import type { Peer } from '../contender.ts';

const bitsPerPixel: Readonly<Record<number, number>> = { 1080: 0.1, 720: 0.11, 480: 0.12, 360: 0.15 };

/** AAC up to this rate is copied. */
const AUDIO_COPIED_UP_TO = 384_000;

export const peertube: Peer = {
  name: 'PeerTube',
  runs: (clip, lines) =>
    lines.map((rung) => {
      const cap = capOf(clip, rung);
      const file = `${rung}.mp4`;
      return {
        makes: [{ lines: rung, file }],
        args: [
          ...['-i', clip.file, '-y', '-f', 'mp4', '-movflags', 'faststart', '-max_muxing_queue_size', '1024'],
          ...['-map_metadata', '-1', '-pix_fmt', 'yuv420p'],
          ...audioOptions(clip),
          ...['-c:v', 'libx264', '-vf', `scale=w=-2:h=${rung}`, '-preset', 'veryfast'],
          ...['-maxrate:v', String(cap), '-bufsize:v', String(2 * cap), '-b_strategy', '1', '-bf', '16'],
          ...['-r', String(clip.fps), '-g:v', String(2 * clip.fps), file],
        ],
      };
    }),
};

function capOf({ width, height, fps, bitrate }: Clip, rung: number): number {
  const wanted = Math.floor(rung * rung * (width / height) * fps * (bitsPerPixel[rung] ?? 0));
  return Math.min(wanted, Math.round(1.3 * bitrate));
}

function audioOptions({ audio }: Clip): string[] {
  if (!audio) return ['-an'];
  const copied = audio.codec === 'aac' && audio.bitrate > 0 && audio.bitrate <= AUDIO_COPIED_UP_TO;
  return copied ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-channel_layout', 'stereo', '-b:a', '256k'];
}
