/** The Range header (RFC 9110, 14): which bytes of a file a request wants. */
import parseRange from 'range-parser';
import type { ByteRange } from '../../shared/storage/storage.ts';

export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

/** A malformed range and a list of several are answered with the whole file, as 14.2 allows. */
export function wantedRange(header: string | undefined, bytes: number): RangeAnswer {
  if (header === undefined) return { kind: 'whole' };
  const ranges = parseRange(bytes, header);
  if (ranges === -1) return { kind: 'unsatisfiable' };
  if (ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1 || !ranges[0]) return { kind: 'whole' };
  return { kind: 'part', range: { start: ranges[0].start, end: ranges[0].end } };
}
