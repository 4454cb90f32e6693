import { describe, expect, it } from 'vitest';
import { leftBehind, missingRungs, salvage } from '../../services/transcoder/video/salvage.ts';
import { sourceOf } from '../../services/transcoder/video/source.ts';
import { inOne } from '../../services/transcoder/video/warning.ts';
import { FileFault } from '../../shared/errors.ts';
import { pictureStream, probed, soundStream } from '../support/probed.ts';

const minute = { duration: 60, nb_frames: 1500 };
const film = sourceOf(probed([pictureStream(minute), soundStream(minute)], { duration: 60 }));
const talk = sourceOf(probed([soundStream(minute)], { duration: 60 }));
const stream = sourceOf(
  probed([pictureStream({ nb_frames: undefined }), soundStream()], { format_name: 'mpegts', duration: 60 }),
);
const whole = (endsAt: number) => ({ endsAt, damaged: false });
const damaged = (endsAt: number) => ({ endsAt, damaged: true });

describe('what is made of a damaged source', () => {
  it('is as long as what was found, and says so', () => {
    const source = salvage(film, { video: damaged(36.2), audio: damaged(35.9) });
    expect(source).toMatchObject({
      kind: 'video',
      durationSeconds: 36.2,
      video: { index: 0, endsAt: 36.2, width: 1920 },
      audio: { index: 1, endsAt: 35.9 },
      warning: 'The file is damaged: only the first 0:36 of 1:00 could be rendered.',
    });
  });

  it('is the picture alone, or the sound alone, where there is nothing of the other', () => {
    expect(salvage(film, { video: whole(60), audio: undefined })).toMatchObject({
      kind: 'video',
      audio: undefined,
      warning: 'The sound was left out: it is damaged.',
    });
    expect(salvage(film, { video: undefined, audio: damaged(30) })).toEqual({
      kind: 'audio',
      audio: { index: 1, channels: 2, startsAt: 0, endsAt: 30 },
      durationSeconds: 30,
      clockAtStart: 0,
      warning:
        'The picture was left out: it is damaged. The file is damaged: only the first 0:30 of 1:00 could be rendered.',
    });
  });

  it('is a fault where there is nothing of either', () => {
    expect(() => salvage(film, { video: undefined, audio: undefined })).toThrow(FileFault);
    expect(() => salvage(talk, { video: undefined, audio: undefined })).toThrow(/nothing in this file/);
  });

  it('is the same as ever where nothing is missing', () => {
    expect(salvage(film, { video: whole(60), audio: whole(60) })).toEqual(film);
    expect(salvage(talk, { video: undefined, audio: whole(60) })).toEqual(talk);
    expect(salvage(stream, { video: whole(59.5), audio: whole(59) }).warning).toBeUndefined();
  });

  it('keeps what there was to say before', () => {
    const mute = sourceOf(probed([pictureStream(minute), soundStream({ codec_name: undefined, channels: 0 })]));
    expect(salvage(mute, { video: damaged(60), audio: undefined }).warning).toBe(
      'The sound was left out: its format (mp4a) is not supported. The file is damaged: parts of it could not be read.',
    );
  });
});

describe('the damage', () => {
  const said = (source: typeof film, video: ReturnType<typeof whole> | undefined, audio = whole(60)) =>
    salvage(source, { video, audio }).warning;

  it.each([
    ['no more than the padding of a sound', film, whole(59.95), undefined],
    ['a moment', film, damaged(59.4), 'The file is damaged: its last moment is missing.'],
    ['somewhere within', film, damaged(60), 'The file is damaged: parts of it could not be read.'],
  ])('is told by how much is missing: %s', (_what, source, video, expected) => {
    expect(said(source, video)).toBe(expected);
  });

  it('is told of the sound where the picture is whole', () => {
    expect(said(film, whole(60), damaged(20))).toBe(
      'The sound is damaged: only the first 0:20 of 1:00 could be rendered.',
    );
  });

  it('is told by what the file says as a whole where its tracks keep no account', () => {
    expect(said(stream, damaged(30), damaged(29))).toBe(
      'The file is damaged: only the first 0:30 of 1:00 could be rendered.',
    );
  });

  it.each([
    [4.9, 9.6, 'the first 4.9 of 9.6 seconds'],
    [754.6, 5400, 'the first 12:35 of 1:30:00'],
    [3725, 36_000, 'the first 1:02:05 of 10:00:00'],
  ])('is told as a clock says it: %d of %d', (seconds, duration, expected) => {
    const long = sourceOf(probed([pictureStream({ duration })], { duration }));
    expect(salvage(long, { video: damaged(seconds), audio: undefined }).warning).toContain(expected);
  });
});

describe('what else a rescue has to say', () => {
  it('is what was left behind', () => {
    const refused = { index: 1, refused: 'wmav2', kind: 'sound' } as const;
    const unknown = { index: 1, refused: undefined, kind: undefined };
    const silent = sourceOf(probed([pictureStream()]));
    expect(leftBehind(refused, silent)).toMatch(/^There is no sound: .*\(wmav2\) was left out/);
    expect(leftBehind(unknown, silent)).toBe('There is more in the file: a damaged track was left out.');
    expect(leftBehind({ index: 0, refused: 'ffv1', kind: 'picture' }, talk)).toMatch(/^Only the sound .*\(ffv1\)/);
    expect(leftBehind(refused, film)).toMatch(/^There is more in the file/);
  });

  it('is which rungs are missing', () => {
    expect(missingRungs(['720p', '1080p'])).toBe('Some sizes could not be made: 720p, 1080p.');
    expect(missingRungs([])).toBeUndefined();
  });

  it('is said in one', () => {
    expect(inOne(['One.', undefined, false, 'Two.'])).toBe('One. Two.');
    expect(inOne([undefined])).toBeUndefined();
  });
});
