/** Whether a picture is made of two fields, filmed one after the other. Flags lie both ways, so it is looked at. Pure. */
import type { ProbedStream } from './probe.ts';

/** `flagged`: each frame says which of its fields is first. */
export type Fields = 'none' | 'flagged' | 'top-first' | 'bottom-first';

/** As the file says it. */
export function flaggedFields({ field_order }: Pick<ProbedStream, 'field_order'>): Fields {
  return ['tt', 'bb', 'tb', 'bt'].includes(field_order ?? '') ? 'flagged' : 'none';
}

/** Formats of television, discs and camcorders. */
const televisionFormats = ['mpegts', 'mpeg', 'mpegvideo', 'avi'];
const televisionCodecs = ['mpeg2video', 'dvvideo', 'prores', 'dnxhd'];
/** Lines of the pictures that were ever interlaced. */
const televisionLines = [480, 486, 512, 576, 608, 1080, 1088];

/** Whether a look is worth its second. */
export function mayLie(stream: ProbedStream, format: string): boolean {
  if (flaggedFields(stream) !== 'none') return true;
  const isTelevision = televisionFormats.includes(format) || televisionCodecs.includes(stream.codec_name ?? '');
  return isTelevision && televisionLines.includes(stream.height ?? 0);
}

/** What ffmpeg's `idet` said of so many frames; those that it was not sure of are in none. */
export interface Looks {
  readonly progressive: number;
  readonly topFirst: number;
  readonly bottomFirst: number;
}

/** Frames among the looks without which there is nothing to tell by: a slide has no motion. */
const LEAST_LOOKS = 10;

/** Share of the frames that look interlaced in a picture that is; where little moves, most do not. */
const INTERLACED_FROM = 0.1;

/** Interlaced video has one order of fields; where both are seen, it was fine lines that looked like fields. */
const ONE_ORDER_FROM = 5;

/** @param flagged is returned where nothing can be told. */
export function fieldsSeen({ progressive, topFirst, bottomFirst }: Looks, flagged: Fields): Fields {
  const looks = progressive + topFirst + bottomFirst;
  if (looks < LEAST_LOOKS) return flagged;
  const [most, least] = [Math.max(topFirst, bottomFirst), Math.min(topFirst, bottomFirst)];
  if (most < INTERLACED_FROM * looks || most < ONE_ORDER_FROM * least) return 'none';
  return topFirst > bottomFirst ? 'top-first' : 'bottom-first';
}
