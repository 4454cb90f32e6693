/** Which rungs a picture gets and how large each is: the box rule, the same for videos and images (DESIGN.md, "Rungs"). */

/** Whole pixels, of the picture as displayed: turned upright, with square pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rung extends Size {
  /** `720p` */
  readonly name: string;
  /** Lines of the box it was fitted into: 720. Its own height may be less. */
  readonly lines: number;
}

/** A 1912×1072 screen recording is worth 1075.5 lines and still gets its 1080p, at its own size. */
const TOLERANCE = 1.05;

/**
 * The rungs of a picture, smallest first, none larger than the picture. Empty when it is worth less than 360 lines.
 * @param lines of the ladder's rungs, from the smallest.
 * @param sideMultiple what each side must be divisible by: 2 for video (4:2:0 halves the colour planes), 1 for images.
 */
export function rungsFor(displayed: Size, sideMultiple: 1 | 2, lines: readonly number[]): Rung[] {
  const worth = worthInLines(displayed);
  return lines
    .filter((count) => count <= TOLERANCE * worth)
    .map((count) => ({ name: `${count}p`, lines: count, ...fitBox(displayed, count, sideMultiple) }));
}

/** Lines of the smallest 16:9 box, turned for portrait, that holds the picture: 1080 for 1920×800. Not always whole. */
export function worthInLines({ width, height }: Size): number {
  return Math.max(Math.min(width, height), (Math.max(width, height) * 9) / 16);
}

/**
 * The largest size of the picture's shape within the 16:9 box of `lines` lines, turned for portrait; its own size, with
 * sides cut to the multiple, when that is smaller. No side is below the multiple.
 */
export function fitBox(displayed: Size, lines: number, sideMultiple: 1 | 2): Size {
  const scale = Math.min(1, lines / worthInLines(displayed));
  const side = (length: number) => {
    const scaled = Math.round((length * scale) / sideMultiple) * sideMultiple;
    return Math.max(sideMultiple, scaled > length ? scaled - sideMultiple : scaled);
  };
  return { width: side(displayed.width), height: side(displayed.height) };
}
