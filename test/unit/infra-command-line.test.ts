import { expect, test } from 'vitest';
import { readCommandLine } from '../../infra/local/command-line.ts';

const read = (args: string[], files: boolean) => readCommandLine(args, 'npm start', { files });

test('--minio is known, and files where the command takes them', () => {
  expect(read([], false)).toEqual({ minio: false, files: [] });
  expect(read(['--minio'], false)).toEqual({ minio: true, files: [] });
  expect(read(['a.mp4', '--minio', 'b.png'], true)).toEqual({ minio: true, files: ['a.mp4', 'b.png'] });
  expect(read(['--', '-strange.mp4'], true).files).toEqual(['-strange.mp4']);
});

test.each([[['--mino']], [['-m']], [['--minio=no']], [['a.mp4']]])('%j is answered with the usage', (args) => {
  expect(() => read(args, false)).toThrow(/^usage: npm start$/);
});
