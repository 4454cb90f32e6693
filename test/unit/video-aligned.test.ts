import { describe, expect, it } from 'vitest';
import { requireAligned } from '../../services/transcoder/video/verify/aligned.ts';

describe('rungs', () => {
  const indexOf = (...lengths: number[]) => ({
    initializationBytes: 900,
    fragments: lengths.map((seconds) => ({ offset: 0, bytes: 1, seconds })),
  });

  it('have keyframes at the same times, within rounding', () => {
    expect(() => requireAligned([indexOf(2, 2, 0.4), indexOf(2, 2.001, 0.4), indexOf(2, 2, 0.4)])).not.toThrow();
  });

  it.each([
    ['one is shorter', indexOf(2, 2)],
    ['one ends earlier', indexOf(2, 2, 0.36)],
    ['a keyframe falls elsewhere', indexOf(2.04, 1.96, 0.4)],
  ])('are refused where %s', (_what, other) => {
    expect(() => requireAligned([indexOf(2, 2, 0.4), other])).toThrow(/did not come out right/);
  });
});
