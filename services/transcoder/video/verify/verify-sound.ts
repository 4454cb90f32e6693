/** Looks at a recording of sound alone that ffmpeg made, as verify-rung.ts does at a rung. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileFault } from '../../../../shared/errors.ts';
import type { RenderedVariant } from '../../rendering.ts';
import type { Sandbox } from '../../sandbox.ts';
import { CUT_OFF, MISRENDERED } from '../fault.ts';
import { lengthTolerance } from '../frame-rate.ts';
import { ourOwn } from '../opening.ts';
import type { AudioPlan } from '../plan.ts';
import { probe } from '../probe.ts';
import { playable } from './playable.ts';
import { endOf, endsEarly, unlikeSound } from './unlike.ts';

/** @throws FileFault as verifyRung does. */
export async function verifySound(
  { file, audio }: AudioPlan,
  directory: string,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<RenderedVariant> {
  const path = join(directory, file);
  const { size: bytes } = await stat(path);
  const { streams } = await probe(path, ourOwn('mov', sandbox), signal);
  const [sound] = streams;
  const wrong = unlikeSound(audio, streams);
  if (wrong !== undefined || !sound) throw new FileFault(MISRENDERED, `${file} is not what was planned: ${wrong}`);
  const early = endsEarly(sound, audio, lengthTolerance());
  if (early) throw new FileFault(CUT_OFF, `${file}: ${early}`);
  const durationSeconds = playable(endOf(sound));
  return {
    name: 'audio',
    file,
    contentType: 'audio/mp4',
    bytes,
    durationSeconds,
    bitrate: Math.round((bytes * 8) / durationSeconds),
  };
}
