import { expect, it } from 'vitest';
import { settledFile } from '../../services/notification/settled-file.ts';

const variants = (...files: readonly (readonly [name: string, file: string, contentType: string])[]) =>
  files.map(([name, file, contentType]) => ({ name, file, contentType, key: file, bytes: 1 }));

it('a mail links what a person can use, and shows the poster', () => {
  const film = variants(
    ['360p', '360p.mp4', 'video/mp4'],
    ['1080p', '1080p.mp4', 'video/mp4'],
    ['360p', '360p.m3u8', 'application/vnd.apple.mpegurl'],
    ['master', 'master.m3u8', 'application/vnd.apple.mpegurl'],
    ['subtitles', 'subtitles_1_en.vtt', 'text/vtt'],
    ['poster', 'poster.jpg', 'image/jpeg'],
    ['thumbnail', 'thumbnail.webp', 'image/webp'],
    ['storyboard', 'storyboard.jpg', 'image/jpeg'],
    ['storyboard', 'storyboard.vtt', 'text/vtt'],
  );
  const file = settledFile({ id: 'u1', name: 'film.mp4', state: 'ready', variants: film }, 'https://media.example.org');
  if (file.state !== 'ready') return expect.unreachable();
  expect(file.links.map(({ label }) => label)).toEqual(['360p.mp4', '1080p.mp4', 'subtitles_1_en.vtt', 'poster.jpg']);
  expect(file.thumbnail).toBe('https://media.example.org/v1/media/u1/poster.jpg');
});
