import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { strayBytes } from '../../services/transcoder/image/tidy-jpeg.ts';
import { withBytesAt } from '../support/pictures.ts';

const jpeg = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer();

/** Of the first marker of this kind: 0xdb is a quantization table, 0xda the beginning of the picture's data. */
const markerAt = (marker: number) => jpeg.indexOf(Buffer.from([0xff, marker]));

describe('bytes between the segments of a JPEG', () => {
  it('are found, wherever they are', () => {
    expect(strayBytes(jpeg)).toEqual([]);
    const [table, data] = [markerAt(0xdb), markerAt(0xda)];
    expect(strayBytes(withBytesAt(jpeg, table, [0, 0]))).toEqual([{ from: table, to: table + 2 }]);
    expect(strayBytes(withBytesAt(withBytesAt(jpeg, data, [0xff, 0, 7]), table, [1]))).toEqual([
      { from: table, to: table + 1 },
      { from: data + 1, to: data + 4 },
    ]);
  });

  it('are none where they only fill, or belong to the data of the picture', () => {
    expect(strayBytes(withBytesAt(jpeg, markerAt(0xdb), [0xff, 0xff]))).toEqual([]);
    expect(strayBytes(withBytesAt(jpeg, jpeg.length - 2, [0, 0]))).toEqual([]);
    expect(strayBytes(withBytesAt(jpeg, markerAt(0xda) + 16, [7, 7]))).toEqual([]);
  });

  it('are damage when they are many', () => {
    expect(strayBytes(withBytesAt(jpeg, markerAt(0xdb), Array(64).fill(0)))).toHaveLength(1);
    expect(strayBytes(withBytesAt(jpeg, markerAt(0xdb), Array(65).fill(0)))).toEqual([]);
  });

  it('are looked for in whatever a file begins with', () => {
    for (let length = 0; length < Math.min(jpeg.length, 400); length++) {
      expect(() => strayBytes(jpeg.subarray(0, length))).not.toThrow();
    }
    expect(strayBytes(Buffer.alloc(5000, 0xff))).toEqual([]);
  });
});
