/** The poster: one typical frame of a rendered rung, which is upright, tone-mapped and known to be whole. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool, ToolFailed } from '../../../shared/run-tool.ts';
import type { RenderedVariant } from '../rendering.ts';
import { withTrouble } from './fault.ts';
import { inputGuard } from './input-guard.ts';
import { ourOwn } from './opening.ts';
import { probe } from './probe.ts';

const FILE = 'poster.jpg';
const TIMEOUT_MS = 60_000;

/** Neither side is longer than this. */
const BOX = 1280;

/** It is chosen among the keyframes of the first minute: the one that is most like the others, so hardly a black one. */
const LOOK_AT = { seconds: 60, keyframes: 30 };

/**
 * @param rungs the rendered ones, from the smallest to the largest.
 * @throws ToolFailed when ffmpeg fails on a file of our own.
 */
export async function makePoster(
  rungs: readonly RenderedVariant[],
  directory: string,
  signal: AbortSignal,
): Promise<RenderedVariant> {
  const from = rungs.findLast(({ width = 0, height = 0 }) => Math.max(width, height) <= BOX) ?? rungs[0];
  if (!from) throw new Error('a poster needs a rendered rung');
  const picture = [
    `thumbnail=n=${LOOK_AT.keyframes}`,
    `scale=w='min(iw,${BOX})':h='min(ih,${BOX})':force_original_aspect_ratio=decrease`,
    // JPEG is BT.601 in full range; a player's BT.709 taken as that would shift the colours.
    'scale=out_color_matrix=smpte170m:out_range=pc',
    'format=yuvj420p',
  ];
  await runTool(
    'ffmpeg',
    [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'],
      ...inputGuard(['mov']),
      ...['-skip_frame', 'nokey', '-t', String(LOOK_AT.seconds)],
      ...['-i', `file:${join(directory, from.file)}`],
      ...['-map', '0:v:0', '-vf', picture.join(',')],
      ...['-frames:v', '1', '-q:v', '3', '-map_metadata', '-1', '-f', 'image2', '-update', '1'],
      `file:${join(directory, FILE)}`,
    ],
    { timeoutMs: TIMEOUT_MS, signal },
  ).catch((error: unknown) => {
    throw error instanceof ToolFailed ? withTrouble(error) : error;
  });
  return verifiedPoster(join(directory, FILE), signal);
}

async function verifiedPoster(path: string, signal: AbortSignal): Promise<RenderedVariant> {
  const { streams } = await probe(path, ourOwn('jpeg_pipe'), signal);
  const { width, height } = streams[0] ?? {};
  if (width === undefined || height === undefined) throw new Error('the poster has no picture');
  return { name: 'poster', file: FILE, contentType: 'image/jpeg', bytes: (await stat(path)).size, width, height };
}
