import { describe, expect, it } from 'vitest';
import { gifEnd } from '../../services/transcoder/image/gif-blocks.ts';
import { gif } from '../support/gif.ts';

const frame = (colour: number) => ({ width: 8, height: 8, colour, delay: 10 });
const whole = gif(8, 8, [frame(1), frame(2), frame(3)], 0);

describe('how a GIF ends', () => {
  it('whole, also without its last byte, or with more behind it', () => {
    expect(gifEnd(whole)).toBe('whole');
    expect(gifEnd(whole.subarray(0, -1))).toBe('whole');
    expect(gifEnd(Buffer.concat([whole, Buffer.from('more')]))).toBe('whole');
  });

  it('whole with a zero too many between two blocks, as some encoders write it', () => {
    expect(gifEnd(Buffer.concat([whole.subarray(0, -1), Buffer.from([0, 0x3b])]))).toBe('whole');
  });

  it('cut off in any block', () => {
    const ends = Array.from({ length: whole.length - 1 }, (_, length) => gifEnd(whole.subarray(0, length)));
    // Between two frames, and only there, nothing is missing that anybody could see.
    expect(ends.filter((end) => end === 'whole').length).toBe(2 + 2);
    expect(ends.filter((end) => end === 'broken')).toEqual([]);
  });

  it('broken, where between two blocks lies something else', () => {
    expect(gifEnd(Buffer.concat([whole.subarray(0, -1), Buffer.from('more')]))).toBe('broken');
  });
});
