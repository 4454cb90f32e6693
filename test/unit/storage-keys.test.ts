/** Keys of the bucket: readable, sortable, and safe whatever a file is called. */
import { describe, expect, it } from 'vitest';
import { mediaPrefix, originalKey, slug } from '../../shared/storage/keys.ts';

describe('slug', () => {
  it.each([
    ['Lecture 1 – Introduction.mp4', 'Lecture-1-Introduction.mp4'],
    ['Vorlesung Überblick.mov', 'Vorlesung-Uberblick.mov'],
    ['../../etc/passwd', 'etc-passwd'],
    ['..', 'file'],
    ['🎬', 'file'],
    ['.htaccess', 'htaccess'],
    ['a\r\nb.mp4', 'a-b.mp4'],
    ['-rf', 'rf'],
    ['a..b', 'a.b'],
  ])('makes %j %j', (name, expected) => {
    expect(slug(name)).toBe(expected);
  });

  it.each(['x'.repeat(300), `${'é'.repeat(300)}.mp4`, `${'.'.repeat(100)}a`, '\0\u202e', ' '])(
    'makes a short key segment of %j',
    (name) => {
      expect(slug(name)).toMatch(/^[A-Za-z0-9][A-Za-z0-9.-]{0,59}$/);
    },
  );

  it('keeps the ending of a long name', () => {
    expect(slug(`${'x'.repeat(300)}.mp4`)).toMatch(/^x{56}\.mp4$/);
  });
});

it('sorts media by sequence, and drops the original ending', () => {
  const prefixes = [mediaPrefix('b', 9, 'nine.mp4'), mediaPrefix('b', 10, 'ten.tar.gz'), mediaPrefix('b', 11, '.mp4')];
  expect(prefixes).toEqual(['media/b/00000009-nine', 'media/b/00000010-ten.tar', 'media/b/00000011-file']);
  expect([...prefixes].sort()).toEqual(prefixes);
});

it('keeps an original under its batch and upload', () => {
  expect(originalKey('batch', 'upload', 'a b.mp4')).toBe('originals/batch/upload/a-b.mp4');
});
