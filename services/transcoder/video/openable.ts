/**
 * ffprobe gives up on a whole file for one track that it may not open, or cannot. Such a track is left behind: the others
 * are copied, as they are, into a file that can be opened.
 */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileFault } from '../../../shared/errors.ts';
import { ToolFailed } from '../../../shared/run-tool.ts';
import { runEnclosed } from '../run-enclosed.ts';
import { type ClosedTrack, faultOf } from './fault.ts';
import { inputGuard } from './input-guard.ts';
import type { Opening } from './opening.ts';
import { MAX_SECONDS } from './plan.ts';
import { closedTrack, kindOfDecoder, type Probed, probe } from './probe.ts';

export interface Openable {
  readonly file: string;
  readonly probed: Probed;
  readonly leftBehind: readonly LeftBehind[];
}

export interface LeftBehind extends ClosedTrack {
  /** Known of a refused codec alone. */
  readonly kind: 'picture' | 'sound' | undefined;
}

/** The muxers that write what our demuxers read and keep what the file says of its tracks. */
const muxers: Readonly<Record<string, string>> = { mov: 'mov', matroska: 'matroska', avi: 'avi', mpegts: 'mpegts' };

/** More than this is not a recording with a track too many. */
const MOST_LEFT_BEHIND = 3;

/** A copy of tiny packets is larger than they were: the index of MP4 has up to 40 bytes for each. */
const MOST_OVERHEAD = 20;

/** Copying goes as fast as the disk: an hour is a terabyte. */
const COPY_TIMEOUT_MS = 3600_000;

const NO_ROOM = 'There was no room for a copy without what cannot be opened.';

/**
 * @param directory where the copy goes, if one is needed.
 * @param lenient whether a track may also be left behind because it is damaged.
 * @throws FileFault when the file cannot be opened so either, ToolFailed when the machine is at fault, the signal's reason when aborted.
 */
export async function openable(
  original: string,
  opening: Opening,
  { directory, lenient }: { readonly directory: string; readonly lenient: boolean },
  signal: AbortSignal,
): Promise<Openable> {
  const leftBehind: LeftBehind[] = [];
  for (let file = original; ; ) {
    try {
      return { file, probed: await probe(file, opening, signal), leftBehind };
    } catch (fault) {
      const muxer = muxers[opening.demuxers.join()];
      if (!(fault instanceof FileFault) || muxer === undefined || leftBehind.length === MOST_LEFT_BEHIND) throw fault;
      const track = await closedTrack(file, opening, signal);
      if (!track || (track.refused === undefined && !lenient)) throw fault;
      leftBehind.push({
        ...track,
        kind: track.refused === undefined ? undefined : await kindOfDecoder(track.refused, signal),
      });
      const copy = `without-${leftBehind.length}`;
      const failure = await copyWithout(track, { file, opening, muxer, directory, copy }, signal);
      if (failure) throw failure === 'no-room' ? new FileFault(NO_ROOM, fault.toolOutput, { cause: fault }) : fault;
      if (file !== original) await rm(file);
      file = join(directory, copy);
    }
  }
}

interface Copying {
  readonly file: string;
  readonly opening: Opening;
  readonly muxer: string;
  readonly directory: string;
  /** Its name there. */
  readonly copy: string;
}

/** @returns why it could not be copied, if that is not the machine's fault: nothing that can be copied is left, mostly. */
async function copyWithout(
  { index }: ClosedTrack,
  copying: Copying,
  signal: AbortSignal,
): Promise<'no-room' | 'not-copied' | undefined> {
  const { file, opening, muxer, directory, copy } = copying;
  const keepsText = muxer === 'mov' || muxer === 'matroska';
  const access = { reads: [file], writes: directory, maxFileBytes: MOST_OVERHEAD * (await stat(file)).size };
  const args = [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...inputGuard(opening.demuxers)],
    ...['-t', String(MAX_SECONDS + 1), '-i', `file:${file}`],
    ...['-map', '0:V?', '-map', '0:a?', ...(keepsText ? ['-map', '0:s?'] : []), '-map', `-0:${index}`],
    ...['-c', 'copy', '-map_chapters', '-1'],
    ...['-f', muxer, `file:${join(directory, copy)}`],
  ];
  try {
    await runEnclosed({ sandbox: opening.sandbox, access }, 'ffmpeg', args, { timeoutMs: COPY_TIMEOUT_MS, signal });
    return undefined;
  } catch (error) {
    await rm(join(directory, copy), { force: true });
    if (!(error instanceof ToolFailed)) throw error;
    const fault = faultOf('ffmpeg', error.end, { cause: error });
    if (fault instanceof FileFault) return 'not-copied';
    // To wait for room would hold all others up, and it may never be enough for the file twice.
    if (fault.end.trouble === 'no-space') return 'no-room';
    throw fault;
  }
}
