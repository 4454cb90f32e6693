import { describe, expect, it } from 'vitest';
import { demuxerFor } from '../../services/transcoder/video/demuxer.ts';
import { keptContentTypes } from '../../services/upload/intake/media-type.ts';

describe('the demuxer of a content type', () => {
  it('is one that ffmpeg has for that container', () => {
    expect(demuxerFor('video/mp4')).toEqual(['mov']);
    expect(demuxerFor('video/webm')).toEqual(['matroska']);
    expect(demuxerFor('video/x-msvideo')).toEqual(['avi']);
  });

  it('does not depend on parameters and case', () => {
    expect(demuxerFor('audio/ogg; codecs=opus')).toEqual(['ogg']);
    expect(demuxerFor('video/MP2P')).toEqual(['mpeg']);
  });

  it.each(['image/gif', 'application/vnd.apple.mpegurl', 'application/dash+xml', 'text/plain', 'toString', ''])(
    'is not there for %j',
    (contentType) => {
      expect(demuxerFor(contentType)).toBeUndefined();
    },
  );

  it('is there for everything that the door takes and the image renderer does not', () => {
    const moving = keptContentTypes.filter((type) => !type.startsWith('image/'));
    expect(moving.length).toBeGreaterThan(10);
    expect(moving.filter((type) => !demuxerFor(type))).toEqual([]);
  });
});
