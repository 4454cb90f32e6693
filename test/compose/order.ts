/** Law 2 and law 3, as anybody can check them from outside. */
import { expect } from 'vitest';
import type { UploadView } from '../../services/upload/views.ts';

/** Each started when the one before it had settled, and none before it. @param uploads in the order of upload. */
export function expectStrictOrder(uploads: readonly UploadView[]): void {
  const sequences = uploads.map(({ sequence }) => sequence);
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  for (const [index, { startedAt, settledAt }] of uploads.entries()) {
    expect(startedAt && settledAt && startedAt <= settledAt).toBe(true);
    expect(String(settledAt) <= String(uploads[index + 1]?.startedAt ?? settledAt)).toBe(true);
  }
}
