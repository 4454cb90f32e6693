/** The table of codecs that a rung may have: which encoder makes it, how it is asked, and what players are told. */
import type { Codec, Encoding } from '../ladder.ts';
import type { ProbedStream } from './probe.ts';

/** What the encoder of one rung is asked for. */
interface EncoderTask {
  readonly encoding: Encoding;
  /** Peak bit/s, and the bits of the buffer that evens it out. */
  readonly maxBitrate: number;
  readonly bufferBits: number;
  /** Frames from keyframe to keyframe. */
  readonly gop: number;
  readonly threads: number;
}

export interface Encoder {
  /**
   * ffmpeg's output options. All give a fixed grid of closed groups of pictures: a keyframe at a scene cut would be on one
   * rung and not on the other, and players could not change between them.
   */
  options(task: EncoderTask): string[];
  /** The highest level that phones and television sets of the last ten years decode, as ffprobe counts it. */
  readonly maxLevel: number;
  /** RFC 6381's name of a stream, for CODECS in HLS. */
  codecString(stream: Pick<ProbedStream, 'profile' | 'level'>): string;
}

export const encoders: Readonly<Record<Codec, Encoder>> = {
  h264: {
    options: ({ encoding: { preset, crf, params }, maxBitrate, bufferBits, gop, threads }) => [
      ...['-c:v', 'libx264', '-preset', preset, '-crf', String(crf)],
      ...['-maxrate', String(maxBitrate), '-bufsize', String(bufferBits)],
      ...['-profile:v', 'high', '-pix_fmt', 'yuv420p', '-a53cc', '0'],
      ...['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0'],
      ...given('-x264-params', params),
      ...['-threads', String(threads)],
    ],
    maxLevel: 42,
    // profile_idc 100 is High; x264 sets no constraint flag with it.
    codecString: ({ level = 0 }) => `avc1.6400${hex(level)}`,
  },
  hevc: {
    options: ({ encoding: { preset, crf, params }, maxBitrate, bufferBits, gop, threads }) => [
      // Apple's players take hvc1 only, with the parameter sets in the index.
      ...['-c:v', 'libx265', '-tag:v', 'hvc1', '-preset', preset, '-crf', String(crf)],
      ...['-maxrate', String(maxBitrate), '-bufsize', String(bufferBits)],
      ...['-pix_fmt', 'yuv420p', '-g', String(gop), '-keyint_min', String(gop)],
      ...given('-x265-params', { scenecut: 0, 'open-gop': 0, pools: threads, 'log-level': 'error', ...params }),
    ],
    maxLevel: 123,
    // Main profile, main tier, progressive frames only.
    codecString: ({ level = 0 }) => `hvc1.1.6.L${level}.90`,
  },
  av1: {
    options: ({ encoding: { preset, crf, params }, maxBitrate, bufferBits, gop, threads }) => [
      ...['-c:v', 'libsvtav1', '-preset', preset, '-crf', String(crf)],
      ...['-maxrate', String(maxBitrate), '-bufsize', String(bufferBits)],
      ...['-pix_fmt', 'yuv420p', '-g', String(gop)],
      ...given('-svtav1-params', { scd: 0, lp: threads, ...params }),
    ],
    // Counted from 2.0 by four to a step: 5.1.
    maxLevel: 13,
    codecString: ({ level = 0 }) => `av01.0.${String(level).padStart(2, '0')}M.08`,
  },
};

function given(option: string, params: Encoding['params']): string[] {
  const pairs = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? [] : [option, pairs.join(':')];
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
