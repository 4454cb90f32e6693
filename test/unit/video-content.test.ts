import { describe, expect, it } from 'vitest';
import { contentOf } from '../../services/transcoder/video/content.ts';

const FULL_HD = 1920 * 1080;

/** A keyframe, then packets of these sizes over and over. */
const video = (sizes: readonly number[], count = 100) => [
  { bytes: 100_000, isKey: true },
  ...Array.from({ length: count }, (_, index) => ({ bytes: sizes[index % sizes.length] ?? 0, isKey: false })),
];

describe('a video', () => {
  it('stands still when most frames repeat the one before', () => {
    expect(contentOf(video([60, 210, 60, 300, 90, 20_000]), FULL_HD)).toBe('still');
  });

  it('moves when they do not, however little a frame takes', () => {
    expect(contentOf(video([900, 2200, 2100, 9000]), FULL_HD)).toBe('moving');
  });

  it('moves when half of it is a film and half a slide', () => {
    expect(contentOf([...video([60]), ...video([9000])], FULL_HD)).toBe('moving');
  });

  it('moves where only its B-frames are small, as a clean talking head has them', () => {
    expect(contentOf(video([300, 400, 300, 7000, 200, 9000]), FULL_HD)).toBe('moving');
  });

  it('moves when every frame is whole: nothing is known of what changes', () => {
    const whole = Array.from({ length: 100 }, () => ({ bytes: 100, isKey: true }));
    expect(contentOf(whole, FULL_HD)).toBe('moving');
  });

  it('moves when there is too little to tell', () => {
    expect(contentOf(video([60], 3), FULL_HD)).toBe('moving');
    expect(contentOf([], FULL_HD)).toBe('moving');
  });
});
