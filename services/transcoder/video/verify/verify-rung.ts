/**
 * Looks at a rung that ffmpeg made, whatever it said about it: ffmpeg exits with 0 on a truncated source. Nothing is
 * published that is not what was planned.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileFault } from '../../../../shared/errors.ts';
import type { RenderedVariant } from '../../rendering.ts';
import type { Sandbox } from '../../sandbox.ts';
import { encoders } from '../encoders.ts';
import { CUT_OFF, MISRENDERED } from '../fault.ts';
import { fpsOf, lengthTolerance } from '../frame-rate.ts';
import { type FragmentedFile, readFragments } from '../hls/fragments.ts';
import { ourOwn } from '../opening.ts';
import type { PlannedRung, VideoPlan } from '../plan.ts';
import { type ProbedStream, probe } from '../probe.ts';
import { decodeEnds } from './decode-ends.ts';
import { playable } from './playable.ts';
import { apart, endOf, endsEarly, unlikePicture, unlikeSound } from './unlike.ts';

export interface VerifiedRung {
  readonly variant: RenderedVariant;
  /** RFC 6381, of picture and sound. */
  readonly codecs: string;
  readonly framesPerSecond: number;
  readonly index: FragmentedFile;
}

/**
 * @throws FileFault when the source is shorter than it says, longer than is accepted, or stranger than we know; Error when
 *   the file that was written is not whole.
 */
export async function verifyRung(
  plan: VideoPlan,
  rung: PlannedRung,
  directory: string,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<VerifiedRung> {
  const path = join(directory, rung.file);
  const { size: bytes } = await stat(path);
  const { streams } = await probe(path, ourOwn('mov', sandbox), signal, { countPackets: true });
  const video = streams.filter((stream) => stream.codec_type === 'video');
  const audio = streams.filter((stream) => stream.codec_type === 'audio');
  const [picture] = video;
  const wrong = unlikePicture(rung, video) ?? unlikeSound(plan.audio, audio) ?? (picture && apart(picture, audio[0]));
  if (wrong !== undefined || !picture) {
    throw new FileFault(MISRENDERED, `${rung.file} is not what was planned: ${wrong}`);
  }
  const tolerance = lengthTolerance(plan.frameRate);
  const early = endsEarly(picture, plan.video, tolerance) ?? endsEarly(audio[0], plan.audio, tolerance);
  if (early) throw new FileFault(CUT_OFF, `${rung.file}: ${early}`);

  const durationSeconds = playable(Math.max(...streams.map(endOf)));
  const index = await readFragments(path);
  const framesPerSecond = fpsOf(plan.frameRate);
  requireWhole(rung.file, picture, index, plan);
  await decodeEnds(path, index, sandbox, signal);
  return {
    variant: {
      name: rung.name,
      file: rung.file,
      contentType: 'video/mp4',
      bytes,
      width: rung.width,
      height: rung.height,
      durationSeconds,
      bitrate: Math.round((bytes * 8) / durationSeconds),
    },
    codecs: [encoders[rung.codec].codecString(picture), ...(audio.length > 0 ? [AAC_LC] : [])].join(),
    framesPerSecond,
    index,
  };
}

const AAC_LC = 'mp4a.40.2';

/**
 * The frames that the index promises are there. ffmpeg 7 leaves one out where the picture changes its size in the middle,
 * and shows the one before for longer; a lost fragment misses a second of them or more, unless it is a short last one.
 */
function requireWhole(
  file: string,
  picture: ProbedStream,
  { fragments }: FragmentedFile,
  { frameRate }: Pick<VideoPlan, 'frameRate'>,
): void {
  const framesPerSecond = fpsOf(frameRate);
  const seconds = fragments.reduce((sum, fragment) => sum + fragment.seconds, 0);
  const promised = Math.round(seconds * framesPerSecond);
  const found = picture.nb_read_packets ?? 0;
  const missing = promised - found;
  const whole = missing >= 0 && missing < framesPerSecond;
  if (!whole) throw new Error(`${file} has ${found} frames, and ${promised} in its index`);
}
