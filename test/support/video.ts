/** Rendering a clip in a test, and looking at what came out with an ffprobe of the test's own. */
import { join } from 'node:path';
import type { Assignment, Rendering } from '../../services/transcoder/rendering.ts';
import { LIMITS, type Limits } from '../../services/transcoder/video/limits.ts';
import { renderVideo } from '../../services/transcoder/video/render-video.ts';
import { createLogger } from '../../shared/logger.ts';
import { runTool } from '../../shared/run-tool.ts';
import { settings } from './render-settings.ts';

const log = createLogger('test', { logLevel: 'silent' });

/** Renders `source` into `directory`; what is given replaces the rest of the assignment, and limits. */
export function renderClip(
  source: string,
  contentType: string,
  directory: string,
  given: Partial<Assignment> = {},
  limits: Partial<Limits> = {},
): Promise<Rendering> {
  const signal = new AbortController().signal;
  const asEver = { source, contentType, directory, signal, settings, lenient: false, onProgress: () => {}, log };
  return renderVideo({ ...asEver, ...given }, { ...LIMITS, ...limits });
}

/** `360p 640x360`, `audio`, `poster 640x360` …, in the order in which they were returned, without playlists and what goes with each poster. */
export function inShort({ variants }: Rendering): string[] {
  const files = variants.filter(
    ({ name, file }) => !file.endsWith('.m3u8') && !['thumbnail', 'storyboard'].includes(name),
  );
  return files.map(({ name, width, height }) => (width === undefined ? name : `${name} ${width}x${height}`));
}

export interface LookedAt {
  readonly format: {
    readonly start_time: string;
    readonly duration: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
  readonly streams: readonly Readonly<Record<string, unknown>>[];
}

/** What ffprobe says of a file. */
export async function lookAt(directory: string, file: string): Promise<LookedAt> {
  return JSON.parse(await ffprobe(directory, file, ['-show_format', '-show_streams', '-of', 'json'])) as LookedAt;
}

/** Times of the picture's keyframes, in seconds. */
export async function keyframes(directory: string, file: string): Promise<number[]> {
  const question = ['-select_streams', 'v', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0'];
  const packets = (await ffprobe(directory, file, question)).split('\n').map((line) => line.split(','));
  return packets.filter(([, flags]) => flags?.startsWith('K')).map(([time]) => Number(time));
}

function ffprobe(directory: string, file: string, question: readonly string[]): Promise<string> {
  return runTool('ffprobe', ['-v', 'error', ...question, join(directory, file)], { timeoutMs: 10_000 });
}
