import { describe, expect, it } from 'vitest';
import { isLarge, planImage as planWith } from '../../services/transcoder/image/plan.ts';
import type { Picture } from '../../services/transcoder/image/probe.ts';
import type { RenderSettings } from '../../services/transcoder/rendering.ts';
import { settings } from '../support/render-settings.ts';

const picture = (width: number, height: number, frames = 1, contentType = 'image/jpeg') => ({
  width,
  height,
  delays: frames === 1 ? [] : Array<number>(frames).fill(100),
  loop: 3,
  contentType,
  leftInP3: false,
  leftOut: [],
});
const planImage = (of: Picture, chosen: Partial<RenderSettings> = {}) => planWith(of, { ...settings, ...chosen });
const inShort = (plan: ReturnType<typeof planImage>) =>
  plan.outputs.map(({ file, width, height, frames, from }) => `${file} ${width}x${height} ${frames} ${from}`);

describe('the plan of a picture', () => {
  it('has every rung and its own size in WebP and JPEG, and a thumbnail', () => {
    expect(inShort(planImage(picture(5000, 3000)))).toEqual([
      '360p.webp 600x360 1 working-copy',
      '360p.jpg 600x360 1 working-copy',
      '480p.webp 800x480 1 working-copy',
      '480p.jpg 800x480 1 working-copy',
      '720p.webp 1200x720 1 working-copy',
      '720p.jpg 1200x720 1 working-copy',
      '1080p.webp 1800x1080 1 working-copy',
      '1080p.jpg 1800x1080 1 working-copy',
      'full.webp 5000x3000 1 original',
      'full.jpg 5000x3000 1 original',
      'thumbnail.webp 150x150 1 working-copy',
    ]);
    expect(planImage(picture(5000, 3000)).workingCopy).toEqual({ width: 1800, height: 1080 });
  });

  it('gives a picture below 360 lines only its own size', () => {
    const plan = planImage(picture(200, 100));
    expect(inShort(plan)).toEqual([
      'full.webp 200x100 1 working-copy',
      'full.jpg 200x100 1 working-copy',
      'thumbnail.webp 150x150 1 working-copy',
    ]);
    expect(plan.workingCopy).toEqual({ width: 200, height: 100 });
  });

  it('keeps an animation moving in WebP, from the original, and shows its first frame in JPEG and as thumbnail', () => {
    expect(inShort(planImage(picture(640, 360, 12, 'image/gif')))).toEqual([
      '360p.webp 640x360 12 original',
      '360p.jpg 640x360 1 working-copy',
      'full.webp 640x360 12 original',
      'full.jpg 640x360 1 working-copy',
      'thumbnail.webp 150x150 1 working-copy',
    ]);
  });

  it('leaves out what a format cannot hold and says so', () => {
    const plan = planImage(picture(17_000, 1000));
    expect(plan.outputs.map(({ file }) => file).slice(-2)).toEqual(['full.jpg', 'thumbnail.webp']);
    expect(plan.outputs.map(({ file }) => file)).not.toContain('full.webp');
    expect(plan.warnings).toEqual([
      'full.webp was left out: a WebP picture cannot be more than 16383 pixels wide or high.',
    ]);
    expect(planImage(picture(66_000, 1000)).warnings).toHaveLength(2);
  });

  it('passes on what of the file is not shown', () => {
    const leftOut = ['Only the first frame of an animated PNG is shown.'];
    expect(planImage({ ...picture(640, 360), leftOut }).warnings).toEqual(leftOut);
  });

  it('adds AVIF where it is wanted, and PNG to what came without loss', () => {
    const formats = (contentType: string) =>
      planImage(picture(640, 360, 1, contentType), { imageFormats: ['webp', 'jpeg', 'avif', 'png'] })
        .outputs.map(({ file }) => file)
        .join(' ');
    expect(formats('image/jpeg')).toBe('360p.webp 360p.jpg 360p.avif full.webp full.jpg full.avif thumbnail.webp');
    expect(formats('image/png')).toContain('full.png');
    expect(planImage(picture(640, 360), { imageFormats: ['jpeg'] }).outputs.map(({ file }) => file)).toEqual([
      '360p.jpg',
      'full.jpg',
      'thumbnail.webp',
    ]);
  });

  it('has large outputs, which are made one at a time: more than 25 million pixels, all frames counted', () => {
    const large = (of: Picture) =>
      planImage(of)
        .outputs.filter(isLarge)
        .map(({ file }) => file);
    expect(large(picture(5000, 5000))).toEqual([]);
    expect(large(picture(5001, 5000))).toEqual(['full.webp', 'full.jpg']);
    expect(large(picture(500, 500, 100, 'image/gif'))).toEqual([]);
    expect(large(picture(500, 500, 101, 'image/gif'))).toEqual(['full.webp']);
  });
});
