/** What ffprobe says, as the probe hands it on: for the pure tests of what follows from it. */
import { ladder } from '../../services/transcoder/ladder.ts';
import type { Aim } from '../../services/transcoder/video/plan.ts';
import type { Probed, ProbedStream } from '../../services/transcoder/video/probe.ts';

export const aim: Aim = { ladder, quality: 'balanced', content: 'moving' };

/** A 1080p25 H.264 stream of ten seconds; what is given replaces what it would have. */
export function pictureStream(given: Partial<ProbedStream> = {}): ProbedStream {
  return {
    ...nothingKnown,
    index: 0,
    codec_type: 'video',
    codec_name: 'h264',
    codec_tag_string: 'avc1',
    width: 1920,
    height: 1080,
    pix_fmt: 'yuv420p',
    field_order: 'progressive',
    r_frame_rate: 25,
    avg_frame_rate: 25,
    start_time: 0,
    duration: 10,
    nb_frames: 250,
    ...given,
  };
}

/** A stereo AAC stream of ten seconds. */
export function soundStream(given: Partial<ProbedStream> = {}): ProbedStream {
  return {
    ...nothingKnown,
    index: 1,
    codec_type: 'audio',
    codec_name: 'aac',
    codec_tag_string: 'mp4a',
    channels: 2,
    sample_rate: 48_000,
    start_time: 0,
    duration: 10,
    nb_frames: 469,
    bit_rate: 128_000,
    ...given,
  };
}

/** What a stream says beside its frames. */
export function sideData(given: Partial<ProbedStream['side_data_list'][number]>): ProbedStream['side_data_list'] {
  const none = { crop_top: undefined, crop_bottom: undefined, crop_left: undefined, crop_right: undefined };
  return [{ rotation: undefined, dv_profile: undefined, ...none, ...given }];
}

/** An MP4 of ten seconds and 25 MB. */
export function probed(streams: readonly ProbedStream[], format: Partial<Probed['format']> = {}): Probed {
  return {
    streams: [...streams],
    format: {
      format_name: 'mov,mp4,m4a,3gp,3g2,mj2',
      start_time: 0,
      duration: 10,
      size: 25_000_000,
      bit_rate: 20_000_000,
      ...format,
    },
  };
}

const nothingKnown = {
  sample_aspect_ratio: undefined,
  r_frame_rate: undefined,
  avg_frame_rate: undefined,
  sample_rate: undefined,
  start_time: undefined,
  duration: undefined,
  bit_rate: undefined,
  nb_frames: undefined,
  nb_read_packets: undefined,
  disposition: {},
  tags: {},
  side_data_list: [],
};
