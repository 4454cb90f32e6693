import { describe, expect, it } from 'vitest';
import { oneByOne, planFor, type VideoPlan } from '../../services/transcoder/video/plan.ts';
import type { ProbedStream } from '../../services/transcoder/video/probe.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { aim, pictureStream, probed, soundStream } from '../support/probed.ts';

function planOf(given: Partial<ProbedStream>, content = aim.content): VideoPlan {
  const plan = planFor(sourceOf(probed([pictureStream(given)])), { ...aim, content });
  if (plan.kind !== 'video') throw new Error('expected the plan of a video');
  return plan;
}

const rungsOf = (width: number, height: number) =>
  planOf({ width, height }).rungs.map((rung) => `${rung.name} ${rung.width}x${rung.height}`);

describe('the rungs of a video', () => {
  it.each<[number, number, string[]]>([
    [1920, 1080, ['1080p 1920x1080', '720p 1280x720', '480p 854x480', '360p 640x360']],
    [1080, 1920, ['1080p 1080x1920', '720p 720x1280', '480p 480x854', '360p 360x640']],
    [3840, 2160, ['1080p 1920x1080', '720p 1280x720', '480p 854x480', '360p 640x360']],
    [1920, 800, ['1080p 1920x800', '720p 1280x534', '480p 854x356', '360p 640x266']],
    [1440, 900, ['900p 1440x900', '720p 1152x720', '480p 768x480', '360p 576x360']],
    [900, 1440, ['900p 900x1440', '720p 720x1152', '480p 480x768', '360p 360x576']],
    [1080, 2340, ['1080p 886x1920', '720p 590x1280', '480p 394x854', '360p 296x640']],
    [2, 2000, ['1080p 2x1920', '720p 2x1280', '480p 2x854', '360p 2x640']],
    [1912, 1072, ['1080p 1912x1072', '720p 1280x718', '480p 854x478', '360p 640x358']],
    [1366, 768, ['720p 1280x720', '480p 854x480', '360p 640x360']],
    [1280, 720, ['720p 1280x720', '480p 854x480', '360p 640x360']],
    [960, 540, ['480p 854x480', '360p 640x360']],
    [768, 432, ['432p 768x432', '360p 640x360']],
    [854, 480, ['480p 854x480', '360p 640x360']],
    [853, 479, ['480p 852x478', '360p 640x360']],
    [640, 480, ['480p 640x480', '360p 480x360']],
    [480, 640, ['480p 480x640', '360p 360x480']],
    [320, 240, ['240p 320x240']],
    [200, 200, ['200p 200x200']],
    [1, 1, ['1p 2x2']],
  ])('of %d × %d', (width, height, expected) => {
    expect(rungsOf(width, height)).toEqual(expected);
  });
});

describe('the bits of a rung', () => {
  const peaks = (given: Partial<ProbedStream>) =>
    Object.fromEntries(planOf(given).rungs.map(({ name, maxBitrate }) => [name, maxBitrate / 1000]));

  it('are capped, by more above 30 frames a second', () => {
    expect(peaks({ bit_rate: 20_000_000 })).toEqual({ '1080p': 5000, '720p': 2800, '480p': 1400, '360p': 800 });
    const fast = { bit_rate: 20_000_000, r_frame_rate: 60, avg_frame_rate: 60 };
    expect(peaks(fast)).toEqual({ '1080p': 7500, '720p': 4200, '480p': 2100, '360p': 1200 });
  });

  it('are no more than twice what the source has, and no less than half of the cap', () => {
    expect(peaks({ bit_rate: 2_000_000 })).toEqual({ '1080p': 4000, '720p': 2800, '480p': 1400, '360p': 800 });
    expect(peaks({ bit_rate: 10_000 })).toEqual({ '1080p': 2500, '720p': 1400, '480p': 700, '360p': 400 });
  });

  it('are found by another rate factor and preset where the picture stands still', () => {
    const { encodings } = aim.ladder.rungs[0];
    expect(planOf({}).rungs[0].encoding).toEqual(encodings.moving.balanced);
    expect(planOf({}, 'still').rungs[0].encoding).toEqual(encodings.still.balanced);
  });

  it('are those of the next larger rung at a size of its own', () => {
    expect(peaks({ width: 1440, height: 900, bit_rate: 20_000_000 })).toMatchObject({ '900p': 5000, '720p': 2800 });
    expect(peaks({ width: 320, height: 240, bit_rate: 20_000_000 })).toEqual({ '240p': 800 });
  });

  it('may be buffered for two seconds', () => {
    for (const rung of planOf({}).rungs) expect(rung.bufferBits).toBe(2 * rung.maxBitrate);
  });
});

describe('a plan', () => {
  it('has a keyframe every four seconds', () => {
    expect(planOf({}).gop).toBe(100);
    expect(planOf({ r_frame_rate: 30_000 / 1001, avg_frame_rate: 30_000 / 1001 }).gop).toBe(120);
    expect(planOf({ r_frame_rate: 0.5, avg_frame_rate: 0.5 }).gop).toBe(4);
  });

  it('deinterlaces what is interlaced, whose fields may have been counted as frames', () => {
    expect(planOf({ field_order: 'tt' }).fields).toBe('flagged');
    expect(planOf({ field_order: 'progressive' }).fields).toBe('none');
    const television = { field_order: 'tt', r_frame_rate: 50, avg_frame_rate: 50 };
    expect(planOf(television).frameRate).toEqual({ numerator: 25, denominator: 1 });
    expect(planOf({ ...television, field_order: 'progressive' }).frameRate).toEqual({ numerator: 50, denominator: 1 });
  });

  it('has one sound file where there is no picture', () => {
    expect(planFor(sourceOf(probed([soundStream()])), aim)).toEqual({
      kind: 'audio',
      audio: { index: 1, channels: 2, startsAt: 0, endsAt: 10 },
      sound: aim.ladder.audio,
      file: 'audio.m4a',
    });
  });

  it('has a plan for each of its rungs alone, from the smallest, where there are several', () => {
    const whole = planOf({ width: 1280, height: 720 });
    const single = oneByOne(whole);
    expect(single.map(({ rungs }) => rungs.map(({ name }) => name))).toEqual([['360p'], ['480p'], ['720p']]);
    for (const plan of single) expect(plan).toMatchObject({ gop: whole.gop, audio: whole.audio });
    expect(oneByOne(planOf({ width: 640, height: 360 }))).toEqual([]);
    expect(oneByOne(planFor(sourceOf(probed([soundStream()])), aim))).toEqual([]);
  });
});
