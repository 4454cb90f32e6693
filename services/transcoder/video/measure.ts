/**
 * How long a file really is: its packets are read through, without decoding, because what a file says of its length may
 * be missing (as browsers record) or a lie. Costs about what copying it would.
 */
import { stat } from 'node:fs/promises';
import { FileFault } from '../../../shared/errors.ts';
import { type Circumstances, packetsCommand } from './command.ts';
import { type Limits, readThroughMs, requireLength } from './limits.ts';
import { type RenderRun, render, TookTooLong } from './render.ts';
import type { Source } from './source.ts';

/**
 * @returns the source with its length, if that can be found out.
 * @throws FileFault when it is longer than the limit, ToolFailed when the machine is at fault, the signal's reason when aborted.
 */
export async function measured(
  source: Source,
  circumstances: Circumstances,
  limits: Limits,
  run: Pick<RenderRun, 'directory' | 'signal' | 'log'>,
): Promise<Source> {
  const seconds = (await packetsEndAt(source, circumstances, limits, run)) ?? source.durationSeconds;
  if (seconds === undefined) return source;
  requireLength(seconds, limits);
  return withLength(source, seconds);
}

async function packetsEndAt(
  source: Source,
  circumstances: Circumstances,
  limits: Limits,
  { directory, signal, log }: Pick<RenderRun, 'directory' | 'signal' | 'log'>,
): Promise<number | undefined> {
  const tracks = [...(source.kind === 'video' ? [source.video] : []), ...(source.audio ? [source.audio] : [])];
  const command = packetsCommand(tracks, limits.seconds, circumstances);
  try {
    const { seconds = 0 } = await render(command, {
      ...{ directory, signal, log, stallMs: limits.stallMs },
      durationSeconds: undefined,
      timeoutMs: readThroughMs((await stat(circumstances.file)).size),
      maxFileBytes: 0,
      onProgress: () => {},
    });
    return seconds > 0 ? seconds : undefined;
  } catch (error) {
    if (error instanceof TookTooLong || !(error instanceof FileFault)) throw error;
    // What cannot be copied may well be decoded: the render is the judge of that.
    log.debug({ err: error }, 'the packets could not be read through');
    return undefined;
  }
}

/** The bit rate of a picture is a count of bytes over the length that the file has told. */
function withLength(source: Source, durationSeconds: number): Source {
  const { durationSeconds: told } = source;
  if (source.kind === 'audio' || source.video.bitrate === undefined || told === undefined) {
    return { ...source, durationSeconds };
  }
  const bitrate = Math.round((source.video.bitrate * told) / durationSeconds);
  return { ...source, durationSeconds, video: { ...source.video, bitrate } };
}
