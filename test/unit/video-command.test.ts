import { describe, expect, it } from 'vitest';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { type Command, commandFor, packetsCommand, surveyCommand } from '../../services/transcoder/video/command.ts';
import { ourOwn } from '../../services/transcoder/video/opening.ts';
import { planFor } from '../../services/transcoder/video/plan.ts';
import type { ProbedStream } from '../../services/transcoder/video/probe.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { aim, pictureStream, probed, sideData, soundStream } from '../support/probed.ts';

/** One option a line, so that a change is read as one. */
function written({ inputOptions, input, graph, outputs }: Command): string {
  const options = (list: readonly string[]) => list.join(' ').replaceAll(/ -(?=[a-z])/g, '\n-');
  return [
    options([...inputOptions, '-i', `file:${input}`]),
    ...(graph === undefined ? [] : [`\n-filter_complex\n${graph.replaceAll(';', ';\n').replaceAll(',', ',\n  ')}`]),
    ...outputs.map((output) => `\n${options(output.options)}\n${output.file}`),
    '',
  ].join('\n');
}

const silent: ProbedStream[] = [];
const stereo = [soundStream()];

describe('the ffmpeg command', () => {
  it.each<[string, Partial<ProbedStream> | undefined, ProbedStream[]]>([
    ['camera-1080p25', { bit_rate: 20_000_000 }, stereo],
    [
      'phone-portrait-4k60-full-range',
      {
        width: 3840,
        height: 2160,
        side_data_list: sideData({ rotation: -90 }),
        r_frame_rate: 60,
        avg_frame_rate: 60,
        pix_fmt: 'yuvj420p',
        color_space: 'bt470bg',
        color_primaries: 'bt470bg',
        color_transfer: 'smpte170m',
      },
      stereo,
    ],
    ['phone-hdr10', { codec_name: 'hevc', pix_fmt: 'yuv420p10le', color_transfer: 'smpte2084' }, stereo],
    ['overlay-with-alpha', { codec_name: 'vp9', tags: { alpha_mode: '1' }, width: 320, height: 240 }, silent],
    ['television-bt2020', { color_space: 'bt2020nc', color_primaries: 'bt2020', color_transfer: 'bt2020-10' }, stereo],
    ['camcorder-interlaced-576i', { width: 720, height: 576, sample_aspect_ratio: 64 / 45, field_order: 'tt' }, stereo],
    ['screen-recording-1440x900-rgb', { width: 1440, height: 900, pix_fmt: 'gbrp' }, silent],
    ['web-clip-320x240-ntsc', { width: 320, height: 240, r_frame_rate: 30_000 / 1001, avg_frame_rate: 29.97 }, silent],
    ['sound-alone', undefined, stereo],
    ['sound-surround-late', undefined, [soundStream({ channels: 6, start_time: 1 })]],
  ])('for %s', async (kind, picture, sounds) => {
    const plan = planFor(sourceOf(probed([...(picture ? [pictureStream(picture)] : []), ...sounds])), aim);
    const command = commandFor(plan, {
      file: '/job/original',
      opening: ourOwn('mov', NO_SANDBOX),
      threads: 2,
      lenient: false,
    });
    await expect(written(command)).toMatchFileSnapshot(`video-commands/${kind}.txt`);
  });

  it('for slides and screens', async () => {
    const plan = planFor(sourceOf(probed([pictureStream(), ...stereo])), { ...aim, content: 'still' });
    const command = commandFor(plan, {
      file: '/job/original',
      opening: ourOwn('mov', NO_SANDBOX),
      threads: 2,
      lenient: false,
    });
    await expect(written(command)).toMatchFileSnapshot('video-commands/slides-1080p25.txt');
  });

  it('for a rescue differs in how many frames may fail, and in sound that may begin anywhere', async () => {
    const plan = planFor(sourceOf(probed([pictureStream({ width: 320, height: 240 }), ...stereo])), aim);
    const circumstances = { file: '/job/original', opening: ourOwn('mov', NO_SANDBOX), threads: 2 };
    const rescue = written(commandFor(plan, { ...circumstances, lenient: true }));
    await expect(rescue).toMatchFileSnapshot('video-commands/rescue-320x240.txt');
    const strict = written(commandFor(plan, { ...circumstances, lenient: false }));
    const firm = rescue.replace('-max_error_rate 1\n', '-max_error_rate 0.1\n').replaceAll(':first_pts=0', '');
    expect(firm).toBe(strict);
  });

  it.each([
    ['picture', { numerator: 30_000, denominator: 1001 }],
    ['sound', undefined],
  ])('for a survey of the %s decodes it and keeps nothing', async (kind, frameRate) => {
    const circumstances = { file: '/job/original', opening: ourOwn('mov', NO_SANDBOX), threads: 2, lenient: true };
    const command = surveyCommand({ index: 3, startsAt: 0, endsAt: 10 }, frameRate, circumstances);
    await expect(written(command)).toMatchFileSnapshot(`video-commands/survey-${kind}.txt`);
  });

  it('for a measurement reads the packets and keeps nothing', async () => {
    const circumstances = { file: '/job/original', opening: ourOwn('mov', NO_SANDBOX), threads: 2, lenient: false };
    const tracks = [0, 2].map((index) => ({ index, startsAt: undefined, endsAt: undefined }));
    await expect(written(packetsCommand(tracks, 3600, circumstances))).toMatchFileSnapshot(
      'video-commands/measurement.txt',
    );
  });

  it('lets ffmpeg choose only among the demuxers of the type', () => {
    const plan = planFor(sourceOf(probed(stereo)), aim);
    const { inputOptions } = commandFor(plan, {
      file: '/job/original',
      opening: { demuxers: ['mpeg', 'mpegvideo'], sandbox: NO_SANDBOX },
      threads: 2,
      lenient: false,
    });
    expect(inputOptions).not.toContain('-f');
    expect(inputOptions[inputOptions.indexOf('-format_whitelist') + 1]).toBe('mpeg,mpegvideo');
  });
});
