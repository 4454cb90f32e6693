/** The colour of a source, and how its rungs are tagged: alike on all, or players guess by size and the colour jumps. */
import type { ProbedStream } from './probe.ts';

/** ffmpeg's names for the YCbCr matrix, the primaries and the transfer curve. */
export interface ColourTags {
  readonly matrix: string;
  readonly primaries: string;
  readonly transfer: string;
}

/**
 * - `sdr`: kept and tagged as it is. `fromRgb`: it has to be turned into YCbCr by that matrix first.
 * - `wide`: of primaries that many players do not heed, so that it would look pale (BT.2020, DCI-P3); has to be converted to
 *   BT.709. Without a `matrix` it is RGB.
 * - `hdr`: brighter than the rungs can hold; has to be tone-mapped to BT.709.
 */
export type Colour =
  | { readonly range: 'sdr'; readonly tags: ColourTags; readonly fromRgb: boolean }
  | { readonly range: 'wide'; readonly from: WideColour }
  | { readonly range: 'hdr'; readonly from: WideColour };

/** What it is converted from, by zscale's names, which are ffmpeg's. */
export interface WideColour {
  readonly matrix: string | undefined;
  readonly primaries: string;
  readonly transfer: string;
}

export const BT709: ColourTags = { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709' };
const BT601: ColourTags = { matrix: 'smpte170m', primaries: 'smpte170m', transfer: 'smpte170m' };

/** What H.264 can say, of those that recordings have. Anything else counts as not said. */
const matrices = ['bt709', 'smpte170m', 'bt470bg', 'smpte240m', 'bt2020nc'];
const primaries = ['bt709', 'smpte170m', 'bt470bg', 'bt470m', 'smpte240m'];
const widePrimaries = ['bt2020', 'smpte431', 'smpte432'];
const transfers = ['bt709', 'smpte170m', 'bt470bg', 'bt470m', 'smpte240m', 'iec61966-2-1', 'bt2020-10', 'bt2020-12'];

/** Untagged pictures with a short side from here on are BT.709, smaller ones BT.601, as players guess. */
const HD_FROM = 720;

export function colourOf(
  stream: Pick<ProbedStream, 'color_space' | 'color_primaries' | 'color_transfer' | 'pix_fmt'>,
  size: { readonly width: number; readonly height: number },
): Colour {
  const { color_transfer: transfer } = stream;
  const fromRgb = /^(gbr|rgb|bgr|argb|abgr|0rgb|0bgr|pal8)/.test(stream.pix_fmt ?? '');
  const wide =
    known(stream.color_primaries, widePrimaries) ?? (stream.color_space === 'bt2020nc' ? 'bt2020' : undefined);
  const guess = Math.min(size.width, size.height) >= HD_FROM ? BT709 : BT601;
  const matrix = known(stream.color_space, matrices);
  if (transfer === 'smpte2084' || transfer === 'arib-std-b67') {
    const from = { matrix: fromRgb ? undefined : (matrix ?? 'bt2020nc'), primaries: wide ?? 'bt2020', transfer };
    return { range: 'hdr', from };
  }
  if (wide !== undefined) {
    // Display P3 has a matrix of BT.601 or BT.709, BT.2020 one of its own.
    const usual = wide === 'bt2020' ? 'bt2020nc' : guess.matrix;
    const from = { matrix: fromRgb ? undefined : (matrix ?? usual), primaries: wide };
    return { range: 'wide', from: { ...from, transfer: known(transfer, transfers) ?? BT709.transfer } };
  }
  const tags = {
    matrix: matrix ?? guess.matrix,
    primaries: known(stream.color_primaries, primaries) ?? guess.primaries,
    transfer: known(transfer, transfers) ?? guess.transfer,
  };
  return { range: 'sdr', tags, fromRgb };
}

function known(value: string | undefined, names: readonly string[]): string | undefined {
  return value !== undefined && names.includes(value) ? value : undefined;
}
