import { describe, expect, it } from 'vitest';
import { fieldsSeen, flaggedFields, mayLie } from '../../services/transcoder/video/interlace.ts';
import { pictureStream } from '../support/probed.ts';

describe('the fields of a picture', () => {
  it.each([
    [{ progressive: 0, topFirst: 100, bottomFirst: 0 }, 'top-first'],
    [{ progressive: 0, topFirst: 1, bottomFirst: 99 }, 'bottom-first'],
    [{ progressive: 170, topFirst: 0, bottomFirst: 30 }, 'bottom-first'],
    [{ progressive: 180, topFirst: 2, bottomFirst: 0 }, 'none'],
    [{ progressive: 25, topFirst: 38, bottomFirst: 37 }, 'none'],
    [{ progressive: 3, topFirst: 2, bottomFirst: 0 }, 'flagged'],
  ])('are what is seen, if anything is: %o', (looks, expected) => {
    expect(fieldsSeen(looks, 'flagged')).toBe(expected);
  });

  it('are what is flagged as long as nobody looks', () => {
    expect(flaggedFields({ field_order: 'bb' })).toBe('flagged');
    expect(flaggedFields({ field_order: 'progressive' })).toBe('none');
    expect(flaggedFields({ field_order: undefined })).toBe('none');
  });

  it.each([
    [{ field_order: 'tt' }, 'mov,mp4', true],
    [{}, 'mov,mp4', false],
    [{ height: 1080 }, 'mpegts', true],
    [{ height: 720 }, 'mpegts', false],
    [{ height: 576, codec_name: 'dvvideo' }, 'mov,mp4', true],
    [{ height: 576, codec_name: 'h264' }, 'matroska,webm', false],
  ])('are looked at where a flag is likely to lie: %o in %s: %s', (given, format, expected) => {
    expect(mayLie(pictureStream(given), format)).toBe(expected);
  });
});
