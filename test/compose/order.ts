/** Law 2 and law 3, as anybody can check them from outside. */
import { expect } from 'vitest';
import type { UploadView } from '../../services/upload/views.ts';

/**
 * Each started when the one before it had settled, and none before it; but one that failed has its last try after the next.
 * @param uploads in the order of upload.
 */
export function expectStrictOrder(uploads: readonly UploadView[]): void {
  const sequences = uploads.map(({ sequence }) => sequence);
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  const starts = uploads.map(({ startedAt }) => startedAt);
  expect(starts).toEqual([...starts].sort());
  for (const [index, { startedAt, settledAt, state }] of uploads.entries()) {
    expect(startedAt && settledAt && startedAt <= settledAt).toBe(true);
    const next = starts[index + (state === 'failed' ? 2 : 1)];
    expect(String(settledAt) <= String(next ?? settledAt)).toBe(true);
  }
}
