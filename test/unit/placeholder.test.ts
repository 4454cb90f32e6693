import { thumbHashToAverageRGBA, thumbHashToRGBA } from 'thumbhash';
import { expect, it } from 'vitest';
import { placeholderOf } from '../../services/transcoder/placeholder.ts';

/** Left half red, right half blue. */
const halves = (width: number, height: number) =>
  Buffer.from(
    Array.from({ length: width * height }, (_, i) =>
      i % width < width / 2 ? [255, 0, 0, 255] : [0, 0, 255, 255],
    ).flat(),
  );

it('a placeholder is a few bytes of text that show where which colour was', () => {
  const text = placeholderOf(halves(100, 60), { width: 100, height: 60 });
  expect(text.length).toBeLessThan(40);
  const { w, h, rgba } = thumbHashToRGBA(Buffer.from(text, 'base64'));
  expect(w / h).toBeCloseTo(100 / 60, 0);
  expect([...rgba.subarray(0, 3)]).toEqual([
    expect.toSatisfy((red: number) => red > 180),
    expect.anything(),
    expect.toSatisfy((blue: number) => blue < 80),
  ]);
  expect(thumbHashToAverageRGBA(Buffer.from(text, 'base64'))).toMatchObject({ a: 1 });
});
