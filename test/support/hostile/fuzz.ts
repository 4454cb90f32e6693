/** Files with bits flipped at random, the same ones each time. */

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a damage reaches: the headers, a little of everything, or a lot of it. */
export const damages = [
  { what: 'its headers', flips: 12, within: 2000 },
  { what: 'a little of it', flips: 30, within: Number.POSITIVE_INFINITY },
  { what: 'much of it', flips: 1500, within: Number.POSITIVE_INFINITY },
] as const;

/** A copy with bits flipped; the first bytes, by which the door knows it, stay. */
export function fuzzed(whole: Buffer, { flips, within }: (typeof damages)[number], seed: number): Buffer {
  const random = randomly(seed);
  const changed = Buffer.from(whole);
  const SPARED = 16;
  const range = Math.min(within, whole.length) - SPARED;
  for (let count = 0; count < flips; count++) {
    const position = SPARED + Math.floor(random() * range);
    changed[position] = (changed[position] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  return changed;
}
