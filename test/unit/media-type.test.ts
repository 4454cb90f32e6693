/** What passes the door can be opened in the booth: each accepted type has a demuxer or an image loader. */
import { expect, it } from 'vitest';
import { demuxerFor } from '../../services/transcoder/video/demuxer.ts';
import { keptContentTypes } from '../../services/upload/intake/media-type.ts';

it.each(keptContentTypes)('%s has a renderer that takes it', (contentType) => {
  if (contentType.startsWith('image/')) expect(['jpeg', 'png', 'webp', 'gif', 'avif']).toContain(contentType.slice(6));
  else expect(demuxerFor(contentType)).toEqual(expect.arrayContaining([expect.any(String)]));
});
