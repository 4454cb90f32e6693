/**
 * How well a picture would do as a poster. Black, a fade, a blur and an empty slide do badly; a full slide or a clear scene
 * does well. Pure: it sees pixels only.
 */
import type { Size } from '../../rungs.ts';

/** RGB, eight bits each, row by row. */
export interface Picture extends Size {
  readonly pixels: Uint8Array;
}

/** What can be measured of a picture, each from 0 to 1. */
interface Look {
  /** Mean. */
  readonly brightness: number;
  /** Standard deviation of the brightness. */
  readonly contrast: number;
  /** Mean difference of neighbours: how much there is to see. */
  readonly detail: number;
  /** How abrupt the differences are, whatever their size: 0 for a slope, 1 for an edge. */
  readonly sharpness: number;
  /** As Hasler and Süsstrunk (2003) measure it. */
  readonly colour: number;
}

/** Beyond these more is not better. A sharp photo and a full slide reach them. */
const ENOUGH = { contrast: 0.2, detail: 0.045, sharpness: 0.5, colour: 0.2 };
const WEIGHTS = { contrast: 0.3, detail: 0.35, sharpness: 0.25, colour: 0.1 };
/** A picture is black up to the first brightness, and not too dark from the second. */
const DARK = { black: 0.04, fine: 0.12 };

/** From 0 to 1. */
export function appeal(picture: Picture): number {
  const { brightness, contrast, detail, sharpness, colour } = lookOf(picture);
  const enough = (value: number, limit: number) => Math.min(1, value / limit);
  const much = enough(detail, ENOUGH.detail);
  const merits =
    WEIGHTS.contrast * enough(contrast, ENOUGH.contrast) +
    WEIGHTS.detail * much +
    // The grain of an empty picture is sharp too.
    WEIGHTS.sharpness * enough(sharpness, ENOUGH.sharpness) * much +
    WEIGHTS.colour * enough(colour, ENOUGH.colour);
  return merits * Math.min(1, Math.max(0, (brightness - DARK.black) / (DARK.fine - DARK.black)));
}

/** So much better a later picture has to be. */
const NEARLY = 0.97;

/**
 * @param pictures at least one, the earliest first.
 * @returns the first that is about as good as the best.
 */
export function mostAppealing<Some extends Picture>(pictures: readonly Some[]): Some {
  const appeals = pictures.map(appeal);
  const best = Math.max(...appeals);
  const first = pictures.find((_picture, index) => (appeals[index] ?? 0) >= NEARLY * best);
  if (!first) throw new Error('there is no picture to choose from');
  return first;
}

function lookOf(picture: Picture): Look {
  const { width, height } = picture;
  const light = lightOf(picture);
  const at = (place: number) => light[place] ?? 0;
  let steps = 0;
  let bends = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let place = y * width + 1; place < (y + 1) * width - 1; place++) {
      const here = at(place);
      const right = at(place + 1);
      const below = at(place + width);
      steps += Math.abs(right - here) + Math.abs(below - here);
      bends += Math.abs(at(place - 1) + right - 2 * here) + Math.abs(at(place - width) + below - 2 * here);
    }
  }
  const places = Math.max(1, (width - 2) * (height - 2));
  const { mean, deviation } = spread(light);
  return {
    brightness: mean / 255,
    contrast: deviation / 255,
    detail: steps / places / 2 / 255,
    sharpness: steps === 0 ? 0 : Math.min(1, bends / steps / 2),
    colour: colourOf(picture),
  };
}

function lightOf({ pixels, width, height }: Picture): Float32Array {
  const light = new Float32Array(width * height);
  for (let place = 0, at = 0; place < light.length; place++, at += 3) {
    light[place] = 0.2126 * (pixels[at] ?? 0) + 0.7152 * (pixels[at + 1] ?? 0) + 0.0722 * (pixels[at + 2] ?? 0);
  }
  return light;
}

function colourOf({ pixels, width, height }: Picture): number {
  const redGreen = new Float32Array(width * height);
  const yellowBlue = new Float32Array(width * height);
  for (let place = 0, at = 0; place < redGreen.length; place++, at += 3) {
    const red = pixels[at] ?? 0;
    const green = pixels[at + 1] ?? 0;
    redGreen[place] = red - green;
    yellowBlue[place] = (red + green) / 2 - (pixels[at + 2] ?? 0);
  }
  const [one, other] = [spread(redGreen), spread(yellowBlue)];
  const colourfulness = Math.hypot(one.deviation, other.deviation) + 0.3 * Math.hypot(one.mean, other.mean);
  return Math.min(1, colourfulness / 255);
}

function spread(values: Float32Array): { readonly mean: number; readonly deviation: number } {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, values.length);
  return { mean, deviation: Math.sqrt(Math.max(0, squares / Math.max(1, values.length) - mean * mean)) };
}
