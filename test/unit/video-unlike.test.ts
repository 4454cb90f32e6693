import { describe, expect, it } from 'vitest';
import { planFor } from '../../services/transcoder/video/plan.ts';
import type { ProbedStream } from '../../services/transcoder/video/probe.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { apart, endsEarly, unlikePicture, unlikeSound } from '../../services/transcoder/video/verify/unlike.ts';
import { aim, pictureStream, probed, soundStream } from '../support/probed.ts';

const plan = planFor(sourceOf(probed([pictureStream(), soundStream()])), aim);
if (plan.kind !== 'video') throw new Error('expected the plan of a video');
const { audio, video, rungs } = plan;
const asPlanned = { level: 40, start_time: 0 };

describe('a rung is refused when', () => {
  it.each<[string, ProbedStream[], RegExp]>([
    ['it has no picture', [], /no picture/],
    ['it has two', [pictureStream(asPlanned), pictureStream(asPlanned)], /too many pictures/],
    ['its codec is another', [pictureStream({ ...asPlanned, codec_name: 'hevc' })], /hevc/],
    ['its colours are not 4:2:0', [pictureStream({ ...asPlanned, pix_fmt: 'yuv444p' })], /yuv444p/],
    ['its size is another', [pictureStream({ ...asPlanned, height: 1088 })], /1920 × 1088/],
    ['its pixels are not square', [pictureStream({ ...asPlanned, sample_aspect_ratio: 1.001 })], /square/],
    ['devices cannot play its level', [pictureStream({ ...asPlanned, level: 51 })], /level is 51/],
  ])('%s', (_what, streams, words) => {
    expect(unlikePicture(rungs[0], streams)).toMatch(words);
    expect(unlikePicture(rungs[0], [pictureStream(asPlanned)])).toBeUndefined();
  });

  it.each<[string, ProbedStream[], RegExp]>([
    ['its sound is missing', [], /no sound/],
    ['it has two sounds', [soundStream(), soundStream()], /too many/],
    ['its sound is another', [soundStream({ codec_name: 'mp3' })], /mp3/],
  ])('%s', (_what, streams, words) => {
    expect(unlikeSound(audio, streams)).toMatch(words);
    expect(unlikeSound(audio, [soundStream()])).toBeUndefined();
  });

  it('it has sound that nobody planned', () => {
    expect(unlikeSound(undefined, [soundStream()])).toMatch(/too many/);
  });

  it('picture and sound begin more than 25 ms apart', () => {
    expect(apart(pictureStream(), soundStream({ start_time: -0.0213 }))).toBeUndefined();
    expect(apart(pictureStream(), soundStream({ start_time: 0.03 }))).toMatch(/0.03 s apart/);
    expect(apart(pictureStream({ start_time: 0.08 }), soundStream())).toMatch(/apart/);
    expect(apart(pictureStream(), undefined)).toBeUndefined();
  });

  it('it ends before its source does', () => {
    expect(endsEarly(pictureStream({ duration: 9.91 }), video, 0.1)).toBeUndefined();
    expect(endsEarly(pictureStream({ duration: 9.89 }), video, 0.1)).toMatch(/ends at 10 s, here it ends at 9.89 s/);
    expect(endsEarly(undefined, video, 0.1)).toMatch(/here it ends at 0 s/);
  });
});
