/** Small copies of pictures from all over a video, decoded from its smallest rung in one go. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ladder } from '../../ladder.ts';
import type { RenderedVariant } from '../../rendering.ts';
import { fitBox, type Size } from '../../rungs.ts';
import { type Darkroom, ownFfmpeg } from './own-ffmpeg.ts';
import { MAX_STILLS, planStills } from './still-plan.ts';
import { thinOut } from './thin-out.ts';

/** RGB, eight bits each, row by row. */
export interface Still extends Size {
  readonly pixels: Uint8Array;
  /** When a player shows it. */
  readonly seconds: number;
  readonly isKeyframe: boolean;
}

/** Each fits the 16:9 box of so many lines, turned for portrait: 160 × 90. */
const LINES = 90;
const EVEN = 2;

const RAW = 'stills.rgb';

/** A video of 1.13 frames a second has its keyframes 4.4 s apart. */
const LONGEST_GOP = 1.25 * ladder.gopSeconds;

/**
 * @returns at least one, in the order of time.
 * @throws ToolFailed; the signal's reason when aborted.
 */
export async function takeStills(rung: RenderedVariant, darkroom: Darkroom): Promise<Still[]> {
  const { width = 0, height = 0, durationSeconds = 0 } = rung;
  const raw = join(darkroom.directory, RAW);
  const { everySeconds, from } = planStills(durationSeconds, ladder.gopSeconds);
  const isKeyframe = from === 'keyframes';
  await using thin = isKeyframe
    ? await thinOut(rung.file, { track: 'video', everySeconds, keepSeconds: LONGEST_GOP }, darkroom)
    : undefined;
  const size = fitBox({ width, height }, LINES, EVEN);
  const chain = [
    `select='isnan(prev_selected_t)+gt(floor(t/${everySeconds}),floor(prev_selected_t/${everySeconds}))'`,
    `scale=w=${size.width}:h=${size.height}:flags=area`,
    'format=rgb24',
    // Microseconds, which are told on stdout.
    'settb=AVTB',
    'metadata=mode=add:key=still:value=1',
    'metadata=mode=print:file=-',
  ];
  try {
    const told = await ownFfmpeg(
      { file: thin?.file ?? rung.file },
      [
        ...['-map', '0:v:0', '-vf', chain.join(','), '-fps_mode', 'passthrough'],
        ...['-frames:v', String(MAX_STILLS), '-f', 'rawvideo', `file:${RAW}`],
      ],
      darkroom,
    );
    return split(await readFile(raw), size, timesIn(told), isKeyframe);
  } finally {
    await rm(raw, { force: true });
  }
}

function timesIn(told: string): number[] {
  return [...told.matchAll(/^frame:\d+ +pts:(-?\d+)/gm)].map(([, microseconds]) => Number(microseconds) / 1e6);
}

function split(raw: Uint8Array, size: Size, times: readonly number[], isKeyframe: boolean): Still[] {
  const bytes = size.width * size.height * 3;
  const stills = times.slice(0, Math.floor(raw.length / bytes)).map((seconds, index) => ({
    ...size,
    pixels: raw.subarray(index * bytes, (index + 1) * bytes),
    seconds,
    isKeyframe,
  }));
  if (stills.length === 0) throw new Error('a rendered rung showed no picture');
  return stills;
}
