/**
 * Makes an MP4 of the frames that the image process has left, and looks whether it is what was planned. That process has
 * read a hostile file, so what it left is opened in the sandbox, and nothing is written beside it from outside.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolFailed } from '../../../shared/run-tool.ts';
import type { RenderedVariant } from '../rendering.ts';
import { runEnclosed } from '../run-enclosed.ts';
import type { Access, Sandbox } from '../sandbox.ts';
import { withTrouble } from '../video/fault.ts';
import { inputGuard } from '../video/input-guard.ts';
import { ourOwn } from '../video/opening.ts';
import { type Probed, probe } from '../video/probe.ts';
import { FRAMES, LIST } from './movie-frames.ts';
import { sizeOfOutput } from './outputs.ts';
import type { PlannedMovie } from './plan-movie.ts';

/** Five minutes of noise in full HD at 50 frames a second are encoded in about that time on two cores. */
const TIMEOUT_MS = 10 * 60_000;

/** More than the longest movie weighs at its highest rate. */
const MAX_BYTES = 1024 ** 3;

/**
 * The frames are gone afterwards.
 * @throws ToolFailed or Error: the frames are ours, so it is not the file's fault; the signal's reason when aborted.
 */
export async function makeMovie(
  movie: PlannedMovie,
  directory: string,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<RenderedVariant> {
  const ffmpeg = async (access: Access, args: readonly string[]) => {
    try {
      // ffmpeg 5 exits with 0 also where the disk was full at the end.
      const run = { timeoutMs: TIMEOUT_MS, signal, failOnComplaint: true };
      await runEnclosed({ sandbox, access }, 'ffmpeg', ['-v', 'error', '-nostdin', ...args], run);
    } catch (error) {
      throw error instanceof ToolFailed ? withTrouble(error) : error;
    }
  };
  try {
    await ffmpeg({ reads: [], writes: directory, maxFileBytes: MAX_BYTES }, ffmpegArguments(movie));
  } finally {
    await rm(join(directory, FRAMES), { recursive: true, force: true });
  }
  const path = join(directory, movie.file);
  const bytes = await sizeOfOutput(directory, movie.file);
  requireAsPlanned(movie, await probe(path, ourOwn('mov', sandbox), signal));
  await ffmpeg({ reads: [path] }, ['-xerror', ...inputGuard(['mov']), '-i', `file:${path}`, '-f', 'null', '-']);
  const seconds = secondsOf(movie);
  const { name, file, width, height } = movie;
  const bitrate = Math.round((8 * bytes) / seconds);
  return { name, file, contentType: 'video/mp4', bytes, width, height, durationSeconds: seconds, bitrate };
}

export function ffmpegArguments(movie: PlannedMovie): string[] {
  const [ms, over] = movie.step;
  const framesPerTwoSeconds = Math.max(1, Math.round((2000 * over) / ms));
  const frameRate = `fps=${1000 * over}/${ms}`;
  const colours = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1';
  return [
    ...['-y', '-protocol_whitelist', 'file', '-format_whitelist', 'concat,ppm_pipe', '-codec_whitelist', 'ppm'],
    ...['-f', 'concat', '-i', `${FRAMES}/${LIST}`, '-map', '0:v', '-vf', `${frameRate},${colours}`],
    ...['-frames:v', String(framesOf(movie)), '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high'],
    ...['-crf', '20', '-maxrate', '8M', '-bufsize', '16M', '-g', String(framesPerTwoSeconds)],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-map_metadata', '-1', '-movflags', '+faststart', movie.file],
  ];
}

function framesOf({ repeats }: PlannedMovie): number {
  return repeats.reduce((sum, count) => sum + count, 0);
}

function secondsOf(movie: PlannedMovie): number {
  const [ms, over] = movie.step;
  return (framesOf(movie) * ms) / over / 1000;
}

/** @throws Error that says what is wrong: a fault of ours, not of the file. */
function requireAsPlanned(movie: PlannedMovie, { streams }: Probed): void {
  const [video, ...more] = streams;
  const found = [more.length, video?.codec_name, video?.pix_fmt, video?.width, video?.height, video?.nb_frames];
  const planned = [0, 'h264', 'yuv420p', movie.width, movie.height, framesOf(movie)];
  const inTime = Math.abs((video?.duration ?? 0) - secondsOf(movie)) < 0.02;
  if (inTime && found.join(' ') === planned.join(' ')) return;
  throw new Error(`${movie.file} came out wrong: it is ${found.join(' ')}, planned was ${planned.join(' ')}`);
}
