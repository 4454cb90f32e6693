/** What a contender knows of the clip that it renders, as ffprobe tells it. */
import { z } from 'zod';
import { runTool } from '../../../shared/run-tool.ts';

export interface Clip {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second, as a fraction that ffmpeg reads and as a number. */
  readonly rate: string;
  readonly fps: number;
  readonly seconds: number;
  /** bit/s of the picture. */
  readonly bitrate: number;
  /** Undefined for a silent clip. */
  readonly audio: { readonly codec: string; readonly bitrate: number } | undefined;
}

const number = z.coerce.number();
const probed = z.object({
  format: z.object({ duration: number, bit_rate: number }),
  streams: z.array(
    z.discriminatedUnion('codec_type', [
      z.object({
        codec_type: z.literal('video'),
        width: z.number(),
        height: z.number(),
        r_frame_rate: z.string(),
        bit_rate: number.optional(),
      }),
      z.object({ codec_type: z.literal('audio'), codec_name: z.string(), bit_rate: number.optional() }),
      z.object({ codec_type: z.enum(['data', 'subtitle', 'attachment']) }),
    ]),
  ),
});

/** @param file one that we trust: it is opened as ffprobe likes. */
export async function clipOf(file: string): Promise<Clip> {
  const args = ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', file];
  const { format, streams } = probed.parse(JSON.parse(await runTool('ffprobe', args, { timeoutMs: 30_000 })));
  const video = streams.find((stream) => stream.codec_type === 'video');
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  if (!video) throw new Error(`${file} has no picture`);
  const [numerator = Number.NaN, denominator = 1] = video.r_frame_rate.split('/').map(Number);
  return {
    file,
    width: video.width,
    height: video.height,
    rate: video.r_frame_rate,
    fps: numerator / denominator,
    seconds: format.duration,
    bitrate: video.bit_rate ?? format.bit_rate,
    audio: audio && { codec: audio.codec_name, bitrate: audio.bit_rate ?? 0 },
  };
}
