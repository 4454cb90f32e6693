import { describe, expect, it } from 'vitest';
import type { ProbedStream } from '../../services/transcoder/video/probe.ts';
import { sourceOf, type VideoTrack } from '../../services/transcoder/video/source.ts';
import { FileFault } from '../../shared/errors.ts';
import { pictureStream, probed, sideData, soundStream } from '../support/probed.ts';

function videoOf(given: Partial<ProbedStream>): VideoTrack {
  const source = sourceOf(probed([pictureStream(given)]));
  if (source.kind !== 'video') throw new Error('expected a video');
  return source.video;
}

const turned = (rotation: number) => ({ side_data_list: sideData({ rotation }) });

describe('the size of a source', () => {
  it.each([
    ['as coded', {}, 1920, 1080],
    ['turned by 90 degrees', turned(90), 1080, 1920],
    ['turned by -90 degrees', turned(-90), 1080, 1920],
    ['upside down', turned(180), 1920, 1080],
    ['turned by a little', turned(3), 1920, 1080],
    ['with wide pixels', { width: 1440, sample_aspect_ratio: 4 / 3 }, 1920, 1080],
    ['with wide pixels and turned', { width: 1440, sample_aspect_ratio: 4 / 3, ...turned(-90) }, 1080, 1920],
    ['cropped by the container', { side_data_list: sideData({ crop_top: 140, crop_bottom: 140 }) }, 1920, 800],
    ['with narrow pixels', { width: 720, height: 480, sample_aspect_ratio: 8 / 9 }, 640, 480],
  ])('is what it shows: %s', (_what, given, width, height) => {
    expect(videoOf(given)).toMatchObject({ width, height });
  });

  it('is refused beyond 8K', () => {
    expect(videoOf({ width: 7680, height: 4320 })).toMatchObject({ width: 7680 });
    expect(() => videoOf({ width: 16_384, height: 4320 })).toThrow(/16384 × 4320/);
  });
});

describe('the tracks of a source', () => {
  it('are the first picture and sound, or those that players would choose', () => {
    const chosen = { disposition: { default: 1 } };
    const source = sourceOf(
      probed([soundStream({ index: 0 }), pictureStream({ index: 1 }), soundStream({ index: 2, ...chosen })]),
    );
    expect(source).toMatchObject({ kind: 'video', video: { index: 1 }, audio: { index: 2 } });
  });

  it('are sound alone where the only picture is a cover', () => {
    const cover = pictureStream({ index: 1, codec_name: 'mjpeg', disposition: { attached_pic: 1 } });
    expect(sourceOf(probed([soundStream({ index: 0 }), cover]))).toMatchObject({ kind: 'audio', audio: { index: 0 } });
  });

  it('are not those that hold nothing', () => {
    const nothing = { nb_frames: undefined };
    const source = sourceOf(
      probed([pictureStream(nothing), soundStream(nothing), pictureStream({ index: 2 }), soundStream({ index: 3 })]),
    );
    expect(source).toMatchObject({ video: { index: 2 }, audio: { index: 3 } });
    const fragmented = sourceOf(probed([pictureStream(nothing), soundStream(nothing)]));
    expect(fragmented).toMatchObject({ video: { index: 0 }, audio: { index: 1 } });
  });

  it('leave out sound that cannot be heard, and say so', () => {
    const broken = soundStream({ codec_name: undefined, codec_tag_string: '[0][0][0][0]', channels: 0 });
    const source = sourceOf(probed([pictureStream(), broken]));
    expect(source).toMatchObject({ audio: undefined, warning: expect.stringContaining('sound was left out') });
    expect(sourceOf(probed([pictureStream(), broken, soundStream({ index: 2 })]))).toMatchObject({
      audio: { index: 2 },
      warning: undefined,
    });
  });

  it.each([
    ['nothing but data', [pictureStream({ codec_type: 'data' })], /neither a picture nor sound/],
    ['an unknown picture', [pictureStream({ codec_name: undefined, codec_tag_string: 'vvc1' })], /picture.*\(vvc1\)/],
    ['an unknown sound alone', [soundStream({ codec_name: 'unknown', codec_tag_string: 'QDM2' })], /sound.*\(QDM2\)/],
    ['a picture without size', [pictureStream({ width: 0 })], /no size/],
  ])('are a fault where there is %s', (_what, streams, reason) => {
    expect(() => sourceOf(probed(streams))).toThrow(FileFault);
    expect(() => sourceOf(probed(streams))).toThrow(reason);
  });
});

describe('the tracks of a damaged source', () => {
  const lenient = { lenient: true };

  it.each([
    ['is of nobody knows what', { codec_name: undefined, codec_tag_string: '[0]' }, /picture was left out.*unknown/],
    ['has no size', { width: 0 }, /picture was left out: it is damaged/],
  ])('are the sound alone where the picture %s', (_what, given, warning) => {
    const source = sourceOf(probed([pictureStream(given), soundStream()]), lenient);
    expect(source).toMatchObject({ kind: 'audio', audio: { index: 1 }, warning: expect.stringMatching(warning) });
    expect(() => sourceOf(probed([pictureStream(given), soundStream()]))).toThrow(FileFault);
    expect(() => sourceOf(probed([pictureStream(given)]), lenient)).toThrow(FileFault);
  });

  it('are not the sound alone where the format of the picture is refused', () => {
    const refused = pictureStream({ codec_name: undefined, codec_tag_string: 'vvc1' });
    expect(() => sourceOf(probed([refused, soundStream()]), lenient)).toThrow(/picture.*\(vvc1\)/);
  });

  it('are not the sound alone where the picture is refused by a limit', () => {
    const large = pictureStream({ width: 16_384, height: 4320 });
    expect(() => sourceOf(probed([large, soundStream()]), lenient)).toThrow(/16384 × 4320/);
  });
});

describe('the length of a source', () => {
  it('is what the container says', () => {
    expect(sourceOf(probed([pictureStream()])).durationSeconds).toBe(10);
  });

  it('is not known where the container does not say or cannot be believed', () => {
    expect(sourceOf(probed([pictureStream()], { duration: undefined })).durationSeconds).toBeUndefined();
    const bogus = { duration: 143_165.6, size: 106_093 };
    expect(sourceOf(probed([pictureStream()], bogus)).durationSeconds).toBeUndefined();
    const sixMinutesOfSlides = { duration: 362.8, size: 816_689 };
    expect(sourceOf(probed([pictureStream()], sixMinutesOfSlides)).durationSeconds).toBe(362.8);
  });

  it.each<[string, Partial<ProbedStream>, object, number | undefined]>([
    ['MP4 with an index', { start_time: 0.5 }, {}, 10.5],
    ['MP4 that begins late', { start_time: 5 }, { start_time: 5 }, 10],
    ['MP4 in fragments', { nb_frames: undefined }, {}, undefined],
    ['AVI', {}, { format_name: 'avi' }, 10],
    ['Matroska', { tags: { DURATION: '01:00:02.500000000' } }, { format_name: 'matroska,webm', start_time: 3600 }, 2.5],
    ['Matroska by mkvmerge', { tags: { 'DURATION-eng': '00:00:02.500' } }, { format_name: 'matroska,webm' }, 2.5],
    ['Matroska as it streamed', {}, { format_name: 'matroska,webm' }, undefined],
    ['a transport stream', {}, { format_name: 'mpegts' }, undefined],
  ])('is relied on in %s', (_what, given, format, endsAt) => {
    const source = sourceOf(probed([pictureStream(given)], format));
    expect(source).toMatchObject({ video: { endsAt } });
  });
});

describe('the bitrate of a picture', () => {
  it('is its own, or what the file has left after its sound', () => {
    expect(videoOf({ bit_rate: 3_000_000 }).bitrate).toBe(3_000_000);
    expect(videoOf({ tags: { BPS: '2500000' } }).bitrate).toBe(2_500_000);
    const source = sourceOf(probed([pictureStream(), soundStream({ bit_rate: 200_000 })], { bit_rate: 1_200_000 }));
    expect(source).toMatchObject({ video: { bitrate: 1_000_000 } });
  });
});

describe('the colour of a source', () => {
  const bt709 = { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709' };
  const bt601 = { matrix: 'smpte170m', primaries: 'smpte170m', transfer: 'smpte170m' };

  it('is its own, and guessed by its size where it does not say', () => {
    expect(videoOf({}).colour).toEqual({ range: 'sdr', tags: bt709, fromRgb: false });
    expect(videoOf({ width: 640, height: 480 }).colour).toEqual({ range: 'sdr', tags: bt601, fromRgb: false });
    const said = {
      width: 640,
      height: 480,
      color_space: 'bt709',
      color_primaries: 'bt709',
      color_transfer: 'reserved',
    };
    expect(videoOf(said).colour).toMatchObject({ tags: { ...bt709, transfer: 'smpte170m' } });
  });

  it('is turned from RGB, and mapped from HDR', () => {
    expect(videoOf({ pix_fmt: 'gbrp', color_space: 'gbr' }).colour).toEqual({
      range: 'sdr',
      tags: bt709,
      fromRgb: true,
    });
    const pq = { matrix: 'bt2020nc', primaries: 'bt2020', transfer: 'smpte2084' };
    expect(videoOf({ color_transfer: 'smpte2084' }).colour).toEqual({ range: 'hdr', from: pq });
    const rgb = { color_transfer: 'smpte2084', pix_fmt: 'gbrp10le', color_space: 'gbr', color_primaries: 'smpte432' };
    expect(videoOf(rgb).colour).toEqual({
      range: 'hdr',
      from: { matrix: undefined, primaries: 'smpte432', transfer: 'smpte2084' },
    });
  });

  it.each<[string, Partial<ProbedStream>, object]>([
    [
      'BT.2020',
      { color_space: 'bt2020nc', color_primaries: 'bt2020', color_transfer: 'bt2020-10' },
      { matrix: 'bt2020nc', primaries: 'bt2020', transfer: 'bt2020-10' },
    ],
    ['BT.2020 by its matrix alone', { color_space: 'bt2020nc' }, { primaries: 'bt2020', transfer: 'bt709' }],
    ['BT.2020 by its primaries alone', { color_primaries: 'bt2020' }, { matrix: 'bt2020nc' }],
    [
      'Display P3',
      { color_space: 'bt709', color_primaries: 'smpte432', color_transfer: 'iec61966-2-1' },
      { matrix: 'bt709', primaries: 'smpte432', transfer: 'iec61966-2-1' },
    ],
    ['Display P3 in RGB', { color_space: 'gbr', color_primaries: 'smpte432', pix_fmt: 'rgb24' }, { matrix: undefined }],
  ])('is converted from %s', (_what, given, from) => {
    expect(videoOf(given).colour).toMatchObject({ range: 'wide', from });
  });

  it('is refused where only Dolby Vision knows what it means', () => {
    const dolby = (dv_profile: number) => ({ side_data_list: sideData({ dv_profile }) });
    expect(() => videoOf(dolby(5))).toThrow(/Dolby Vision/);
    expect(videoOf({ color_transfer: 'arib-std-b67', ...dolby(8) }).colour).toMatchObject({ range: 'hdr' });
  });
});
