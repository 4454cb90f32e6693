import { describe, expect, it } from 'vitest';
import { ffmpegArguments } from '../../services/transcoder/image/make-movie.ts';
import { frameList } from '../../services/transcoder/image/movie-frames.ts';
import { planMovie } from '../../services/transcoder/image/plan-movie.ts';

const animation = (delays: readonly number[], width = 640, height = 360) => ({
  width,
  height,
  delays,
  loop: 0,
  contentType: 'image/gif',
  leftInP3: false,
  leftOut: [],
});
const timing = (delays: readonly number[]) => {
  const { movie } = planMovie(animation(delays));
  return movie && { step: movie.step, repeats: movie.repeats };
};

describe('the plan of a movie', () => {
  it.each<[string, number[], [number, number], number[]]>([
    ['equal delays', [40, 40, 40], [40, 1], [1, 1, 1]],
    ['delays of one measure', [70, 140, 210], [70, 1], [1, 2, 3]],
    ['a slide show, with a frame wherever somebody clicks', [5000, 5000], [5000, 50], [50, 50]],
    ['delays with no measure in common', [33, 34, 33], [20, 1], [2, 1, 2]],
    ['delays that are too short for a video', [11, 11, 11, 11], [20, 1], [1, 0, 1, 0]],
  ])('keeps %s', (_what, delays, step, repeats) => {
    expect(timing(delays)).toEqual({ step, repeats });
  });

  it('never lasts longer or shorter than the animation by more than half a frame', () => {
    const delays = Array.from({ length: 500 }, (_, index) => 11 + ((index * 37) % 90));
    const { movie } = planMovie(animation(delays));
    const frames = movie?.repeats.reduce((sum, count) => sum + count, 0) ?? 0;
    expect(Math.abs(frames * 20 - delays.reduce((sum, ms) => sum + ms, 0))).toBeLessThanOrEqual(10);
  });

  it('has even sides that any device decodes', () => {
    expect(planMovie(animation([100, 100], 3001, 2001)).movie).toMatchObject({ width: 1620, height: 1080 });
    expect(planMovie(animation([100, 100], 65, 49)).movie).toMatchObject({ width: 64, height: 48 });
  });

  it('is none of a still, nor of what lasts too long', () => {
    expect(planMovie(animation([]))).toEqual({ warnings: [] });
    expect(planMovie(animation([300_000, 100])).warnings).toHaveLength(1);
  });
});

describe('the command of a movie', () => {
  const { movie } = planMovie(animation([50, 10, 40]));
  if (!movie) throw new Error('no movie was planned');

  it('shows each frame for its time, the last one too', () => {
    expect(movie.repeats).toEqual([3, 0, 2]);
    expect(frameList(movie).split('\n')).toEqual([
      'ffconcat version 1.0',
      'file frame-0',
      'duration 0.060000',
      'file frame-2',
      'duration 0.040000',
      'file frame-2',
      '',
    ]);
  });

  it('reads nothing but frames, and ends where the animation does', () => {
    const line = ffmpegArguments(movie).join(' ');
    expect(line).toContain('-protocol_whitelist file -format_whitelist concat,ppm_pipe -codec_whitelist ppm');
    expect(line).toContain('-f concat -i frames/list');
    expect(line).toContain('fps=1000/20,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1');
    expect(line).toContain('-frames:v 5 -c:v libx264');
    expect(line).toMatch(/-map_metadata -1 -movflags \+faststart full\.mp4$/);
  });
});
