import { expect, it } from 'vitest';
import { readThroughMs } from '../../services/transcoder/video/limits.ts';

it('a file is given time by its size to be read through', () => {
  expect(readThroughMs(0)).toBe(15 * 60_000);
  // 20 GB at 10 MB/s.
  expect(readThroughMs(20e9) - readThroughMs(0)).toBe(2000_000);
});
