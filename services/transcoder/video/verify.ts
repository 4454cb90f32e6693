/**
 * Looks at what ffmpeg made, whatever it said about it: ffmpeg exits with 0 on a truncated source. Nothing is published
 * that is not what was planned.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileFault } from '../../../shared/errors.ts';
import type { RenderedVariant } from '../rendering.ts';
import { CUT_OFF } from './fault.ts';
import { lengthTolerance } from './frame-rate.ts';
import { LIMITS, requireLength } from './limits.ts';
import { ourOwn } from './opening.ts';
import type { Plan, VideoPlan } from './plan.ts';
import { type Probed, type ProbedStream, probe } from './probe.ts';
import type { Track } from './source.ts';

/** What a file in the directory has to be. */
interface Expectation {
  readonly name: string;
  readonly file: string;
  readonly contentType: string;
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly video: Track | undefined;
  readonly audio: Track | undefined;
  /** Seconds by which it may be shorter than expected. */
  readonly tolerance: number;
}

const MISRENDERED = 'The file did not come out right. Please export it again as MP4 (H.264 and AAC).';

/**
 * @returns the variants from the smallest to the largest.
 * @throws FileFault when an output is not what was planned: the source is shorter than it says, longer than is accepted,
 * or stranger than we know.
 */
export async function verify(plan: Plan, directory: string, signal: AbortSignal): Promise<RenderedVariant[]> {
  const variants: RenderedVariant[] = [];
  for (const expectation of expectationsOf(plan).toReversed()) {
    const path = join(directory, expectation.file);
    const { size: bytes } = await stat(path);
    variants.push(check(expectation, await probe(path, ourOwn('mov'), signal), bytes));
  }
  return variants;
}

/**
 * For rungs that were not rendered together: a player goes from one to another in the middle.
 * @throws FileFault when they are not equally long.
 */
export function requireEqualLengths(plan: VideoPlan, rungs: readonly RenderedVariant[]): void {
  const lengths = rungs.map(({ durationSeconds = 0 }) => durationSeconds);
  if (Math.max(...lengths) - Math.min(...lengths) <= lengthTolerance(plan.frameRate)) return;
  throw new FileFault(MISRENDERED, `the rungs are not equally long: ${lengths.join(', ')} s`);
}

function expectationsOf(plan: Plan): Expectation[] {
  switch (plan.kind) {
    case 'audio':
      return [
        {
          name: 'audio',
          file: plan.file,
          contentType: 'audio/mp4',
          size: undefined,
          video: undefined,
          audio: plan.audio,
          tolerance: lengthTolerance(),
        },
      ];
    case 'video':
      return plan.rungs.map((rung) => ({
        name: rung.name,
        file: rung.file,
        contentType: 'video/mp4',
        size: { width: rung.width, height: rung.height },
        video: plan.video,
        audio: plan.audio,
        tolerance: lengthTolerance(plan.frameRate),
      }));
  }
}

function check(expected: Expectation, probed: Probed, bytes: number): RenderedVariant {
  const tracks = {
    video: probed.streams.filter((stream) => stream.codec_type === 'video'),
    audio: probed.streams.filter((stream) => stream.codec_type === 'audio'),
  };
  const wrong = unlikePicture(expected, tracks.video) ?? unlikeSound(expected, tracks.audio);
  if (wrong) throw new FileFault(MISRENDERED, `${expected.file} is not what was planned: ${wrong}`);

  const early =
    endsEarly(tracks.video[0], expected.video, expected) ?? endsEarly(tracks.audio[0], expected.audio, expected);
  if (early) throw new FileFault(CUT_OFF, `${expected.file}: ${early}`);

  const durationSeconds = probed.format.duration ?? 0;
  if (durationSeconds <= 0) throw new FileFault('There is nothing to play in this file.');
  requireLength(durationSeconds, LIMITS);
  return {
    name: expected.name,
    file: expected.file,
    contentType: expected.contentType,
    bytes,
    ...expected.size,
    durationSeconds,
    bitrate: Math.round((bytes * 8) / durationSeconds),
  };
}

/** @returns what is wrong with the picture, if anything. */
function unlikePicture({ size }: Expectation, [video, ...more]: readonly ProbedStream[]): string | undefined {
  if (!video) return size && 'it has no picture';
  if (!size || more.length > 0) return 'it has too many pictures';
  if (video.codec_name !== 'h264' || video.pix_fmt !== 'yuv420p') return `it is ${video.codec_name} ${video.pix_fmt}`;
  if (video.width !== size.width || video.height !== size.height) return `it is ${video.width} × ${video.height}`;
  if ((video.sample_aspect_ratio ?? 1) !== 1) return 'its pixels are not square';
  return undefined;
}

/** @returns what is wrong with the sound, if anything. */
function unlikeSound(expected: Expectation, [audio, ...more]: readonly ProbedStream[]): string | undefined {
  if (!audio) return expected.audio && 'it has no sound';
  if (!expected.audio || more.length > 0) return 'it has too many sounds';
  return audio.codec_name === 'aac' ? undefined : `its sound is ${audio.codec_name}`;
}

/** @returns by how much a track ends before the source's does, if it does. */
function endsEarly(
  rendered: ProbedStream | undefined,
  source: Track | undefined,
  { tolerance }: Expectation,
): string | undefined {
  const endsAt = (rendered?.start_time ?? 0) + (rendered?.duration ?? 0);
  if (source?.endsAt === undefined || endsAt >= source.endsAt - tolerance) return undefined;
  return `the source's track ${source.index} ends at ${source.endsAt} s, here it ends at ${endsAt} s`;
}
