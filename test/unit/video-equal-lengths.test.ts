import { describe, expect, it } from 'vitest';
import { planFor } from '../../services/transcoder/video/plan.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { requireEqualLengths } from '../../services/transcoder/video/verify.ts';
import { aim, pictureStream, probed } from '../support/probed.ts';

describe('rungs that were not rendered together', () => {
  const plan = planFor(sourceOf(probed([pictureStream()])), aim);
  if (plan.kind !== 'video') throw new Error('expected the plan of a video');
  const rungs = (...lengths: number[]) =>
    lengths.map((durationSeconds) => ({
      name: '360p',
      file: '360p.mp4',
      contentType: 'video/mp4',
      bytes: 1,
      durationSeconds,
    }));

  it('have to be equally long, within two frames', () => {
    expect(() => requireEqualLengths(plan, rungs(10, 10.04))).not.toThrow();
    expect(() => requireEqualLengths(plan, rungs(10, 9, 10))).toThrow(/did not come out right/);
  });
});
