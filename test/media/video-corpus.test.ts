import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileFault } from '../../shared/errors.ts';
import { CORPUS, needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { inShort, renderClip } from '../support/video.ts';

/** The variants and how many seconds they last, or why there are none. */
async function outcome(file: string, contentType: string): Promise<string> {
  await using directory = await temporaryDirectory();
  try {
    const rendering = await renderClip(join(CORPUS, file), contentType, directory.path);
    const seconds = rendering.variants[0]?.durationSeconds?.toFixed(1);
    const warning = rendering.warning === undefined ? '' : ` (${rendering.warning})`;
    return `${seconds} s: ${inShort(rendering).join(', ')}${warning}`;
  } catch (error) {
    if (error instanceof FileFault) return error.message;
    throw error;
  }
}

/** All but two that render for minutes. */
const expectations: readonly (readonly [file: string, contentType: string, expected: RegExp | string])[] = [
  ['video/audio_only_in_mp4.mp4', 'video/mp4', '1.0 s: audio, poster 1280x360'],
  ['video/av1_640x360.mkv', 'video/matroska', '5.0 s: 360p 640x360, poster 640x360'],
  ['video/bt709_full_range.mp4', 'video/mp4', '1.0 s: 360p 640x360, 480p 854x480, 720p 1280x720, poster 1280x720'],
  [
    'video/bunny_1080p60_natural.mp4',
    'video/mp4',
    '2.0 s: 360p 640x360, 480p 854x480, 720p 1280x720, 1080p 1920x1080, poster 1280x720',
  ],
  ['video/car_432p_12.5fps_30s.mp4', 'video/mp4', '30.2 s: 360p 640x360, 432p 768x432, poster 768x432'],
  ['video/chapters.mp4', 'video/mp4', '1.1 s: 360p 540x360, 480p 720x480, 720p 1080x720, poster 1080x720'],
  ['video/crystal_720x480_12s.mp4', 'video/mp4', '12.0 s: 360p 540x360, 480p 720x480, poster 720x480'],
  ['video/empty_second_track.mp4', 'video/mp4', '1.1 s: 360p 540x360, 480p 720x480, 720p 1080x720, poster 1080x720'],
  ['video/flower_540p.mp4', 'video/mp4', '5.1 s: 360p 640x360, 480p 854x480, poster 854x480'],
  ['video/flv_h264.flv', 'video/x-flv', '1.1 s: 360p 540x360, 480p 720x480, 720p 1080x720, poster 1080x720'],
  [
    'video/fragmented_bogus_duration.mp4',
    'video/mp4',
    '1.1 s: 360p 540x360, 480p 720x480, 720p 1080x720, poster 1080x720',
  ],
  [
    'video/h264_1080_5s.ts',
    'video/mp2t',
    '2.5 s: 360p 640x360, 480p 854x480, 720p 1280x720, 1080p 1920x1080, poster 1280x720',
  ],
  [
    'video/h264_4k60_rot90_yuvj.mp4',
    'video/mp4',
    '0.3 s: 360p 360x640, 480p 480x854, 720p 720x1280, 1080p 1080x1920, poster 720x1280',
  ],
  [
    'video/h264_portrait_720x1080.mp4',
    'video/mp4',
    '1.1 s: 360p 360x540, 480p 480x720, 720p 720x1080, poster 720x1080',
  ],
  [
    'video/h264_rotate_and_reflect.mp4',
    'video/mp4',
    '1.1 s: 360p 360x540, 480p 480x720, 720p 720x1080, poster 720x1080',
  ],
  [
    'video/hlg10_hevc_1080p.mp4',
    'video/quicktime',
    '0.3 s: 360p 640x360, 480p 854x480, 720p 1280x720, 1080p 1920x1080, poster 1280x720',
  ],
  [
    'video/hdr10_hevc_1080p.mp4',
    'video/mp4',
    '1.0 s: 360p 640x360, 480p 854x480, 720p 1280x720, 1080p 1920x1080, poster 1280x720',
  ],
  ['video/no_audio.mp4', 'video/mp4', '4.9 s: 360p 480x360, 480p 640x480, poster 640x480'],
  ['video/no_duration.webm', 'video/webm', '4.9 s: 360p 640x360, 480p 854x480, 720p 1280x720, poster 1280x720'],
  [
    'video/pgs_subs.mkv',
    'video/matroska',
    '1.0 s: 360p 540x360, 480p 720x480, 720p 1080x720, poster 1080x720 (Subtitles that are pictures, not text, were left out: English.)',
  ],
  ['video/rotated_video_rails.mp4', 'video/mp4', '5.2 s: 360p 360x480, 480p 480x640, poster 480x640'],
  [
    'video/sar_3_2_1280x1080.mp4',
    'video/mp4',
    '5.2 s: 360p 640x360, 480p 854x480, 720p 1280x720, 1080p 1920x1080, poster 1280x720',
  ],
  ['video/transparent_vp9_alpha.webm', 'video/webm', '5.0 s: 200p 200x200, poster 200x200'],
  ['video/vvc_unsupported.mp4', 'video/mp4', /not supported \(vvc1?\)/],
  ['video/wpt_resize_midstream.mp4', 'video/mp4', '2.0 s: 300p 400x300, poster 400x300'],
  ['hostile/fz_invalid_nalu.mp4', 'video/mp4', '1.0 s: 360p 540x360, 480p 720x480, 720p 1080x720, poster 1080x720'],
  ['hostile/fz_malformed_free_box.mp4', 'video/mp4', /incomplete/],
  [
    'hostile/fz_missing_stsd.mp4',
    'video/mp4',
    '1.0 s: 360p 540x360, 480p 720x480, 720p 1080x720, poster 1080x720 (The sound was left out: its format (unknown) is not supported.)',
  ],
];

describe('videos from the world', needs.corpus, () => {
  const table: string[] = [];
  afterAll(() => console.log(table.join('\n')));

  it.each(expectations)('%s', { timeout: 300_000 }, async (file, contentType, expected) => {
    const got = await outcome(file, contentType);
    table.push(file, `  expected ${expected}`, `  got      ${got}`);
    if (typeof expected === 'string') expect(got).toBe(expected);
    else expect(got).toMatch(expected);
  });
});
