/** Draws how loud a recording is: a row of bars with round ends on a card. Pure. */
import type { Picture } from './appeal.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** Dark enough for white symbols of a player, and still apart from a black page as from a white one. */
const CARD: Colour = [0x1e, 0x29, 0x3b];
const BARS: Colour = [0x38, 0xbd, 0xf8];

const SIZE = { width: 1280, height: 360 };
/** Pixels from bar to bar, and how much of that the bar takes. */
const PITCH = 8;
const BAR = 5;
/** Half of the longest bar. */
const REACH = 140;

export const BAR_COUNT = SIZE.width / PITCH;

/** The loudest part is drawn in full, unless it is softer than this: noise shall not look like speech. */
const SOFT = 0.03;
/** Below 1, so that what is soft beside what is loud can be seen. */
const POWER = 0.75;

/** @param loudness of each bar, from 0 to 1; what is silent is a dot. */
export function drawBars(loudness: readonly number[]): Picture {
  const loudest = Math.max(SOFT, ...loudness);
  const pixels = new Uint8Array(SIZE.width * SIZE.height * 3);
  for (let at = 0; at < pixels.length; at += 3) pixels.set(CARD, at);
  for (const [index, value] of loudness.entries()) {
    const half = Math.max(BAR / 2, REACH * (value / loudest) ** POWER);
    drawBar(pixels, index * PITCH + PITCH / 2, half);
  }
  return { ...SIZE, pixels };
}

function drawBar(pixels: Uint8Array, middle: number, half: number): void {
  const radius = BAR / 2;
  const centre = SIZE.height / 2;
  for (let y = Math.floor(centre - half); y < centre + half; y++) {
    for (let x = Math.floor(middle - radius); x < middle + radius; x++) {
      const beyond = Math.max(0, Math.abs(y + 0.5 - centre) - (half - radius));
      const share = Math.min(1, Math.max(0, radius - Math.hypot(x + 0.5 - middle, beyond) + 0.5));
      const at = (y * SIZE.width + x) * 3;
      pixels.set(
        CARD.map((card, channel) => Math.round(card + share * ((BARS[channel] ?? 0) - card))),
        at,
      );
    }
  }
}
