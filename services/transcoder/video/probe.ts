/** Our own ffprobe: what a file says it is, parsed. What it means for a render is decided in source.ts. */
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { FileFault } from '../../../shared/errors.ts';
import { runTool, ToolFailed } from '../../../shared/run-tool.ts';
import { type Enclosure, runEnclosed } from '../run-enclosed.ts';
import type { Packet } from './content.ts';
import { type ClosedTrack, closedTrackIn, decodes, faultOf, MISRENDERED, tooManyTracks, withTrouble } from './fault.ts';
import { inputGuard, MAX_STREAMS } from './input-guard.ts';
import { readThroughMs } from './limits.ts';
import type { Opening } from './opening.ts';

const MiB = 1024 ** 2;

/** Enough for the beginning and the index of any file. */
const LIMITS = { timeoutMs: 120_000, maxOutputBytes: 64 * MiB };

/** Twelve hours at 60 frames a second, and the times of each, are 66 MB. */
const ALL_PACKETS_BYTES = 128 * MiB;

/** ffprobe writes most numbers as text. Text that is no finite number (`N/A`) counts as absent. */
const numeric = z
  .union([z.string(), z.number()])
  .optional()
  .transform((value) => (value !== undefined && Number.isFinite(Number(value)) ? Number(value) : undefined));

/** `30000/1001` or `3:2` as a number; what is zero or divides by zero counts as absent. */
const ratio = z
  .string()
  .optional()
  .transform((text) => {
    const [numerator = Number.NaN, denominator = 1] = (text ?? '').split(/[/:]/).map(Number);
    const value = numerator / denominator;
    return Number.isFinite(value) && value > 0 ? value : undefined;
  });

const stream = z.object({
  index: z.int(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  codec_tag_string: z.string().optional(),
  profile: z.string().optional(),
  level: z.int().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  sample_aspect_ratio: ratio,
  r_frame_rate: ratio,
  avg_frame_rate: ratio,
  pix_fmt: z.string().optional(),
  field_order: z.string().optional(),
  color_space: z.string().optional(),
  color_primaries: z.string().optional(),
  color_transfer: z.string().optional(),
  channels: z.int().optional(),
  sample_rate: numeric,
  start_time: numeric,
  duration: numeric,
  bit_rate: numeric,
  nb_frames: numeric,
  nb_read_packets: numeric,
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z
    .array(
      z.object({
        rotation: numeric,
        dv_profile: numeric,
        crop_top: numeric,
        crop_bottom: numeric,
        crop_left: numeric,
        crop_right: numeric,
      }),
    )
    .default([]),
});

const probed = z.object({
  streams: z.array(stream).default([]),
  format: z.object({
    format_name: z.string(),
    start_time: numeric,
    duration: numeric,
    bit_rate: numeric,
    size: numeric,
  }),
});

export type Probed = z.infer<typeof probed>;
export type ProbedStream = z.infer<typeof stream>;

/**
 * @param countPackets reads all of it, to count them.
 * @throws FileFault when the file cannot be read as such, ToolFailed when the machine is at fault, the signal's reason when aborted.
 */
export async function probe(
  file: string,
  opening: Opening,
  signal: AbortSignal,
  { countPackets }: { readonly countPackets: boolean } = { countPackets: false },
): Promise<Probed> {
  const count = countPackets ? ['-count_packets'] : [];
  const question = [...count, '-show_format', '-show_streams', '-of', 'json'];
  const json = await ffprobe(file, opening, signal, question, { readsAll: countPackets });
  const parsed = probed.safeParse(JSON.parse(json));
  if (!parsed.success) {
    throw new FileFault('The file cannot be read as video or sound.', z.prettifyError(parsed.error), {
      cause: parsed.error,
    });
  }
  if (parsed.data.streams.length > MAX_STREAMS) throw tooManyTracks();
  return parsed.data;
}

/**
 * Reads all packets of a stream, without decoding: a gigabyte a second, and a million packets in three.
 * @returns when each is shown, in seconds on the file's own clock, in the order of the file.
 */
export async function packetTimes(
  file: string,
  opening: Opening,
  streamIndex: number,
  signal: AbortSignal,
): Promise<number[]> {
  const packets = ['-select_streams', String(streamIndex), '-show_entries', 'packet=pts_time,dts_time'];
  const times: number[] = [];
  const onLine = (line: string) => {
    // AVI has only the times at which packets are decoded.
    const [, time] = /^(?:N\/A,)?(-?\d+\.\d+)/.exec(line) ?? [];
    if (time !== undefined) times.push(Number(time));
  };
  await ffprobe(file, opening, signal, [...packets, '-of', 'csv=p=0'], { readsAll: true, onLine });
  return times;
}

/**
 * The packets of a stream, without decoding, in the windows that begin at `from` and last `seconds`.
 * @throws as probe does.
 */
export async function packetsOf(
  file: string,
  opening: Opening,
  streamIndex: number,
  { from, seconds }: { readonly from: readonly number[]; readonly seconds: number },
  signal: AbortSignal,
): Promise<Packet[]> {
  const windows = from.map((start) => `${start.toFixed(3)}%+${seconds}`).join(',');
  const lines = await ffprobe(file, opening, signal, [
    ...['-select_streams', String(streamIndex), '-read_intervals', windows],
    ...['-show_entries', 'packet=size,flags', '-of', 'csv=p=0'],
  ]);
  return [...lines.matchAll(/^(\d+),(\w)/gm)].map(([, size, flag]) => ({ bytes: Number(size), isKey: flag === 'K' }));
}

/** Sound that was cut out of a broadcast begins with a few that cannot be decoded. */
const FIRST_PACKETS = 50;

/**
 * Reads the first packets of a stream, and decodes them.
 * @returns when the first frame is shown or heard, in seconds on the file's own clock, undefined where none comes out of them;
 *   `empty` where there is no packet in the whole file.
 * @throws as probe does.
 */
export async function firstFrameTime(
  file: string,
  opening: Opening,
  streamIndex: number,
  signal: AbortSignal,
): Promise<number | undefined | 'empty'> {
  const first = ['-select_streams', String(streamIndex), '-read_intervals', `%+#${FIRST_PACKETS}`];
  const entries = ['-show_entries', 'packet=pts_time:frame=pts_time', '-of', 'csv'];
  const times: number[] = [];
  let isEmpty = true;
  const onLine = (line: string) => {
    isEmpty = false;
    const [, time] = /^frame,(-?\d+\.\d+)/.exec(line) ?? [];
    if (time !== undefined) times.push(Number(time));
  };
  await ffprobe(file, opening, signal, [...first, ...entries], { readsAll: true, onLine });
  return isEmpty ? 'empty' : times[0];
}

/** What a decoder of this ffmpeg decodes; undefined for anything but picture and sound, and where it is not known. */
export async function kindOfDecoder(decoder: string, signal: AbortSignal): Promise<'picture' | 'sound' | undefined> {
  return decodes(decoder, await runTool('ffprobe', ['-v', 'error', '-decoders'], { ...LIMITS, signal }));
}

/** @returns the first track for which ffprobe gives up on the file; undefined when that is not the trouble. */
export async function closedTrack(
  file: string,
  opening: Opening,
  signal: AbortSignal,
): Promise<ClosedTrack | undefined> {
  const args = [
    '-v',
    'warning',
    '-hide_banner',
    ...inputGuard(opening.demuxers),
    '-show_streams',
    '-i',
    `file:${file}`,
  ];
  try {
    await runEnclosed(enclosureOf(file, opening), 'ffprobe', args, { ...LIMITS, signal });
    return undefined;
  } catch (error) {
    if (error instanceof ToolFailed) return closedTrackIn(error.end.output);
    throw error;
  }
}

function enclosureOf(file: string, { sandbox }: Opening): Enclosure {
  return { sandbox, access: { reads: [file] } };
}

interface Reading {
  /** Whether the answer takes all of the file. */
  readonly readsAll?: boolean;
  readonly onLine?: (line: string) => void;
}

async function ffprobe(
  file: string,
  opening: Opening,
  signal: AbortSignal,
  question: readonly string[],
  { readsAll = false, onLine }: Reading = {},
): Promise<string> {
  const args = ['-v', 'error', '-hide_banner', ...inputGuard(opening.demuxers), ...question, '-i', `file:${file}`];
  const limits = readsAll
    ? { timeoutMs: readThroughMs((await stat(file)).size), maxOutputBytes: ALL_PACKETS_BYTES }
    : LIMITS;
  try {
    return await runEnclosed(enclosureOf(file, opening), 'ffprobe', args, {
      ...limits,
      signal,
      ...(onLine && { onLine }),
    });
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    if (error.end.limit && opening.isOurOwn) throw withTrouble(error);
    if (error.end.limit) {
      const reason = 'The file has no end of parts to read. Please export it again as MP4 (H.264 and AAC).';
      throw new FileFault(reason, error.end.output, { cause: error, certain: error.end.limit !== 'time' });
    }
    const fault = faultOf('ffprobe', error.end, { cause: error });
    if (!(fault instanceof FileFault) || !opening.isOurOwn) throw fault;
    // What its words say of our file nobody can act upon.
    throw new FileFault(MISRENDERED, fault.toolOutput, { cause: error, certain: false });
  }
}
