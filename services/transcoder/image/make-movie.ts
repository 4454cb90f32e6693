/** Makes an MP4 of the frames that the image process has left, and looks whether it is what was planned. */
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../../../shared/run-tool.ts';
import type { RenderedVariant } from '../rendering.ts';
import { NO_SANDBOX } from '../sandbox.ts';
import { ourOwn } from '../video/opening.ts';
import { type Probed, probe } from '../video/probe.ts';
import { FRAMES, frameFile } from './movie-frames.ts';
import type { PlannedMovie } from './plan-movie.ts';

/** Five minutes of noise in full HD at 50 frames a second are encoded in about that time on two cores. */
const TIMEOUT_MS = 10 * 60_000;

/**
 * The frames are gone afterwards.
 * @throws ToolFailed or Error: the frames are ours, so it is not the file's fault; the signal's reason when aborted.
 */
export async function makeMovie(movie: PlannedMovie, directory: string, signal: AbortSignal): Promise<RenderedVariant> {
  const frames = join(directory, FRAMES);
  try {
    await writeFile(join(frames, LIST), frameList(movie));
    await runTool('ffmpeg', ffmpegArguments(movie), { directory: frames, timeoutMs: TIMEOUT_MS, signal });
  } finally {
    await rm(frames, { recursive: true, force: true });
  }
  const path = join(directory, movie.file);
  const seconds = secondsOf(movie);
  requireAsPlanned(movie, await probe(path, ourOwn('mov', NO_SANDBOX), signal));
  await runTool('ffmpeg', ['-v', 'error', '-nostdin', '-xerror', '-f', 'mov', '-i', path, '-f', 'null', '-'], {
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const { size: bytes } = await stat(path);
  const { name, file, width, height } = movie;
  const bitrate = Math.round((8 * bytes) / seconds);
  return { name, file, contentType: 'video/mp4', bytes, width, height, durationSeconds: seconds, bitrate };
}

const LIST = 'list';

/** What ffmpeg's concat demuxer reads. The last frame is named once more, as its duration would not count. */
export function frameList({ repeats, step: [ms, over] }: PlannedMovie): string {
  const shown = repeats.flatMap((count, index) =>
    count > 0 ? [`file ${frameFile(index)}`, `duration ${((count * ms) / over / 1000).toFixed(6)}`] : [],
  );
  return ['ffconcat version 1.0', ...shown, shown.at(-2), ''].join('\n');
}

export function ffmpegArguments(movie: PlannedMovie): string[] {
  const [ms, over] = movie.step;
  const framesPerTwoSeconds = Math.max(1, Math.round((2000 * over) / ms));
  const frameRate = `fps=${1000 * over}/${ms}`;
  const colours = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1';
  return [
    ...['-v', 'error', '-nostdin', '-protocol_whitelist', 'file', '-format_whitelist', 'concat,ppm_pipe'],
    ...['-f', 'concat', '-i', LIST, '-map', '0:v', '-vf', `${frameRate},${colours}`],
    ...['-frames:v', String(framesOf(movie)), '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high'],
    ...['-crf', '20', '-maxrate', '8M', '-bufsize', '16M', '-g', String(framesPerTwoSeconds)],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-map_metadata', '-1', '-movflags', '+faststart', join('..', movie.file)],
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
