/** How loud a recording is, over its length. */
import { ladder } from '../../ladder.ts';
import type { RenderedVariant } from '../../rendering.ts';
import { type Darkroom, ownFfmpeg } from './own-ffmpeg.ts';
import { thinOut } from './thin-out.ts';

/** Of a long recording so much of each part is listened to. */
const LISTEN_SECONDS = 2;
const LONGEST_WINDOW_SECONDS = 0.1;

const LEVEL = 'lavfi.astats.Overall.RMS_level';

/**
 * @param parts into how many equally long ones it is divided.
 * @returns the root mean square of each, from 0 to 1.
 * @throws ToolFailed; the signal's reason when aborted.
 */
export async function loudnessOf(sound: RenderedVariant, parts: number, darkroom: Darkroom): Promise<number[]> {
  const { file, durationSeconds = 0 } = sound;
  const everySeconds = durationSeconds / parts;
  await using thin =
    everySeconds > 2 * LISTEN_SECONDS
      ? await thinOut(file, { track: 'audio', everySeconds, keepSeconds: LISTEN_SECONDS }, darkroom)
      : undefined;
  const samples = Math.floor(Math.min(everySeconds, LONGEST_WINDOW_SECONDS) * ladder.audio.sampleRate);
  const chain = [
    'aformat=channel_layouts=mono',
    `asetnsamples=n=${Math.max(1, samples)}:p=0`,
    // Microseconds, which are told on stdout.
    'asettb=AVTB',
    'astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level',
    `ametadata=mode=print:key=${LEVEL}:file=-`,
  ];
  const told = await ownFfmpeg(
    { file: thin?.file ?? file },
    ['-map', '0:a:0', '-af', chain.join(','), '-f', 'null', '-'],
    darkroom,
  );
  return meanOfParts(levelsIn(told), parts, everySeconds);
}

export interface Level {
  readonly seconds: number;
  /** RMS, from 0 to 1. */
  readonly loudness: number;
}

/** @param told lines of a frame's time, in microseconds, and of its level, in decibels below full scale. */
export function levelsIn(told: string): Level[] {
  return [...told.matchAll(/^frame:\d+ +pts:(-?\d+).*\n.*RMS_level=(.*)$/gm)].map(([, microseconds, decibels]) => ({
    seconds: Number(microseconds) / 1e6,
    // Silence is `-inf`.
    loudness: Number.isFinite(Number(decibels)) ? 10 ** (Number(decibels) / 20) : 0,
  }));
}

/** A part with nothing to hear is silent. */
export function meanOfParts(levels: readonly Level[], parts: number, everySeconds: number): number[] {
  const powers = Array.from({ length: parts }, () => ({ sum: 0, count: 0 }));
  for (const { seconds, loudness } of levels) {
    const part = powers[Math.min(parts - 1, Math.max(0, Math.floor(seconds / everySeconds)))];
    if (!part) continue;
    part.sum += loudness ** 2;
    part.count += 1;
  }
  return powers.map(({ sum, count }) => Math.sqrt(sum / Math.max(1, count)));
}
