/** The segments of a rung, and how fast they have to arrive. Pure. */
import type { Fragment } from './fragments.ts';

/** @param perSegment so many fragments make a segment; the last may have fewer. */
export function segmentsOf(fragments: readonly Fragment[], perSegment: number): Fragment[] {
  const segments: Fragment[] = [];
  for (let index = 0; index < fragments.length; index += perSegment) {
    const [first, ...more] = fragments.slice(index, index + perSegment);
    if (first) segments.push(more.reduce(joined, first));
  }
  return segments;
}

/** In whole seconds: no segment is longer, once it is rounded (RFC 8216, 4.3.3.1). */
export function targetSeconds(segments: readonly Fragment[]): number {
  return Math.max(1, ...segments.map(({ seconds }) => Math.round(seconds)));
}

/** bit/s over all of them. */
export function averageBandwidth(segments: readonly Fragment[]): number {
  return bandwidth(segments.reduce(joined));
}

/**
 * bit/s: "the largest bit rate of any contiguous set of segments whose total duration is between 0.5 and 1.5 times the
 * target duration" (RFC 8216, 4.1). Where all are shorter together, the average.
 */
export function peakBandwidth(segments: readonly Fragment[]): number {
  const target = targetSeconds(segments);
  const sets = segments.flatMap((_, from) => runsFrom(segments.slice(from, from + MOST_IN_A_RUN)));
  const counted = sets.filter(({ seconds }) => seconds >= 0.5 * target && seconds <= 1.5 * target);
  return counted.length === 0 ? averageBandwidth(segments) : Math.max(...counted.map(bandwidth));
}

/** All segments but the last are about as long as the target, so that a set that counts has no more. */
const MOST_IN_A_RUN = 3;

/** The first alone, the first two, and so on. */
function runsFrom(segments: readonly Fragment[]): Fragment[] {
  return segments.map((_, index) => segments.slice(0, index + 1).reduce(joined));
}

function joined(one: Fragment, next: Fragment): Fragment {
  return { offset: one.offset, bytes: one.bytes + next.bytes, seconds: one.seconds + next.seconds };
}

function bandwidth({ bytes, seconds }: Fragment): number {
  return Math.ceil((bytes * 8) / seconds);
}
