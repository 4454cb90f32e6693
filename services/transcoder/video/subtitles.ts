/** Text subtitles as WebVTT files. They are worth a warning, never the video. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileFault } from '../../../shared/errors.ts';
import { ToolFailed } from '../../../shared/run-tool.ts';
import type { RenderedVariant } from '../rendering.ts';
import { runEnclosed } from '../run-enclosed.ts';
import type { Circumstances } from './command.ts';
import { faultOf } from './fault.ts';
import { inputGuard } from './input-guard.ts';
import { readThroughMs } from './limits.ts';
import { MAX_SECONDS } from './plan.ts';
import type { SubtitleTrack } from './subtitle-tracks.ts';
import { cleanWebVtt } from './webvtt.ts';

/** A twelve-hour talk has a megabyte of words. */
const MAX_BYTES = 5 * 1024 ** 2;

export interface Subtitles {
  readonly variants: readonly RenderedVariant[];
  /** Those that could not be read. */
  readonly broken: readonly SubtitleTrack[];
}

/**
 * @param directory where they go.
 * @throws ToolFailed when the machine is at fault, the signal's reason when aborted, the system's errors.
 */
export async function makeSubtitles(
  tracks: readonly SubtitleTrack[],
  source: Pick<Circumstances, 'file' | 'opening'>,
  directory: string,
  signal: AbortSignal,
): Promise<Subtitles> {
  const unread = await unreadable(tracks, source, directory, signal);
  const variants: RenderedVariant[] = [];
  const broken: SubtitleTrack[] = [];
  for (const track of tracks) {
    const path = join(directory, track.file);
    const text = unread.includes(track) ? undefined : await written(path);
    const clean = text === undefined ? undefined : cleanWebVtt(text);
    if (clean !== undefined) {
      await writeFile(path, clean);
      variants.push(variantOf(track, clean));
    } else {
      await rm(path, { force: true });
      // A track with nothing in it, as editors leave behind, is not missed.
      if (text === undefined) broken.push(track);
    }
  }
  return { variants, broken };
}

/** All at once; where one spoils that, each by itself. */
async function unreadable(
  tracks: readonly SubtitleTrack[],
  source: Pick<Circumstances, 'file' | 'opening'>,
  directory: string,
  signal: AbortSignal,
): Promise<readonly SubtitleTrack[]> {
  if (tracks.length === 0) return [];
  try {
    const access = { reads: [source.file], writes: directory, maxFileBytes: 2 * MAX_BYTES };
    const enclosure = { sandbox: source.opening.sandbox, access };
    const timeoutMs = readThroughMs((await stat(source.file)).size);
    await runEnclosed(enclosure, 'ffmpeg', subtitleArguments(tracks, source), { timeoutMs, signal });
    return [];
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    const fault = faultOf('ffmpeg', error.end, { cause: error });
    // The machine's trouble passes; what was left out for it would be missing for ever.
    if (!(fault instanceof FileFault)) throw fault;
    if (tracks.length === 1) return tracks;
  }
  const failed: SubtitleTrack[] = [];
  for (const track of tracks) failed.push(...(await unreadable([track], source, directory, signal)));
  return failed;
}

/** Pure. Times count from the file's first moment, as those of the rungs do. */
export function subtitleArguments(
  tracks: readonly SubtitleTrack[],
  { file, opening }: Pick<Circumstances, 'file' | 'opening'>,
): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...inputGuard(opening.demuxers)],
    ...['-t', String(MAX_SECONDS), '-i', `file:${file}`],
    ...tracks.flatMap((track) => [
      ...['-map', `0:${track.index}`, '-c:s', track.isWebVtt ? 'copy' : 'webvtt'],
      ...['-map_metadata', '-1', '-fs', String(MAX_BYTES), '-f', 'webvtt', `file:${track.file}`],
    ]),
  ];
}

/** @returns undefined where nothing was written, or too much. */
async function written(path: string): Promise<string | undefined> {
  const bytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  return bytes === 0 || bytes >= MAX_BYTES ? undefined : await readFile(path, 'utf8');
}

function variantOf({ file, language, label }: SubtitleTrack, text: string): RenderedVariant {
  return {
    name: 'subtitles',
    file,
    contentType: 'text/vtt',
    bytes: Buffer.byteLength(text),
    ...(language !== undefined && { language }),
    ...(label !== undefined && { label }),
  };
}
