import { describe, expect, it } from 'vitest';
import { isProgressLine, progressAt, renderedSeconds } from '../../services/transcoder/video/progress.ts';

describe('a line of ffmpeg', () => {
  it('says how much is rendered', () => {
    expect(renderedSeconds('out_time_us=2500000')).toBe(2.5);
    expect(renderedSeconds('out_time_us=N/A')).toBeUndefined();
    expect(renderedSeconds('out_time_us=-21333')).toBeUndefined();
    expect(renderedSeconds('out_time_ms=2500000')).toBeUndefined();
  });

  it('is told from a complaint', () => {
    for (const line of ['frame=12', 'stream_0_0_q=28.0', 'speed=1.2x', 'progress=end', 'out_time_us=N/A']) {
      expect(isProgressLine(line)).toBe(true);
    }
    expect(isProgressLine('[h264 @ 0x55] error while decoding MB 4 5, bytestream -7')).toBe(false);
  });
});

describe('progress', () => {
  it('is whole percent, speed and the time that is left', () => {
    expect(progressAt(25, 10, 100)).toEqual({ percent: 25, speed: 2.5, etaSeconds: 30 });
    expect(progressAt(33.9, 100, 100)).toEqual({ percent: 33, speed: 0.34, etaSeconds: 195 });
  });

  it('stays below 100 however wrong the length was', () => {
    expect(progressAt(100, 10, 100)).toMatchObject({ percent: 99, etaSeconds: 0 });
    expect(progressAt(500, 10, 100)).toMatchObject({ percent: 99, etaSeconds: 0 });
  });

  it('has no speed before the first frame, and no percent without a length', () => {
    expect(progressAt(0, 3, 100)).toEqual({ percent: 0 });
    expect(progressAt(30, 10, undefined)).toEqual({ percent: 0, speed: 3 });
  });
});
