import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesElsewhere } from '../../infra/local/files-elsewhere.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('files of the other kind of store are named, those of this one are not', async () => {
  await using directory = await temporaryDirectory();
  expect(filesElsewhere(directory.path, true)).toBeUndefined();
  expect(filesElsewhere(directory.path, false)).toBeUndefined();
  await mkdir(join(directory.path, 'storage/records'), { recursive: true });
  expect(filesElsewhere(directory.path, true)).toContain('without --minio');
  expect(filesElsewhere(directory.path, false)).toBeUndefined();
});

test('a bucket of any name counts', async () => {
  await using directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'minio/drive/courses/records'), { recursive: true });
  expect(filesElsewhere(directory.path, true)).toBeUndefined();
  expect(filesElsewhere(directory.path, false)).toMatch(/npm start -- --minio$/);
});
