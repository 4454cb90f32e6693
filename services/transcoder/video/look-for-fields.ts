/** Looks at some frames of a source for the fields of interlaced video. */
import { FileFault } from '../../../shared/errors.ts';
import { ToolFailed } from '../../../shared/run-tool.ts';
import { runEnclosed } from '../run-enclosed.ts';
import type { Circumstances } from './command.ts';
import { faultOf } from './fault.ts';
import { inputGuard } from './input-guard.ts';
import { fieldsSeen, type Looks } from './interlace.ts';
import type { Source } from './source.ts';

/** Eight seconds of television. */
const FRAMES = 200;
const TIMEOUT_MS = 5 * 60_000;

/**
 * What cannot be looked at stays as the file says.
 * @returns the source with its fields as they are seen.
 * @throws ToolFailed when the machine is at fault, the signal's reason when aborted.
 */
export async function withFieldsSeen(
  source: Source,
  { file, opening }: Circumstances,
  signal: AbortSignal,
): Promise<Source> {
  if (source.kind === 'audio' || !source.video.mayLieAboutFields) return source;
  const { video, durationSeconds = 0 } = source;
  const looks = { progressive: 0, topFirst: 0, bottomFirst: 0 };
  try {
    const enclosure = { sandbox: opening.sandbox, access: { reads: [file] } };
    await runEnclosed(enclosure, 'ffmpeg', lookArguments(file, opening.demuxers, video.index, durationSeconds / 3), {
      timeoutMs: TIMEOUT_MS,
      signal,
      onLine: (line) => count(line, looks),
    });
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    const fault = faultOf('ffmpeg', error.end, { cause: error });
    if (!(fault instanceof FileFault)) throw fault;
    return source;
  }
  return { ...source, video: { ...video, fields: fieldsSeen(looks, video.fields) } };
}

/** From a third of the way on: titles stand still. */
function lookArguments(file: string, demuxers: readonly string[], index: number, from: number): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...inputGuard(demuxers)],
    ...['-ss', String(from), '-i', `file:${file}`, '-map', `0:${index}`],
    ...['-vf', 'idet,metadata=mode=print:key=lavfi.idet.multiple.current_frame:file=-'],
    ...['-frames:v', String(FRAMES), '-f', 'null', '-'],
  ];
}

function count(line: string, looks: { -readonly [each in keyof Looks]: number }): void {
  if (line.endsWith('current_frame=progressive')) looks.progressive += 1;
  if (line.endsWith('current_frame=tff')) looks.topFirst += 1;
  if (line.endsWith('current_frame=bff')) looks.bottomFirst += 1;
}
