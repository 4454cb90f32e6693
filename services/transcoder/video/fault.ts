/** What it means that ffmpeg or ffprobe failed: the file's fault, told so that its owner understands it, or the machine's. */
import { FileFault } from '../../../shared/errors.ts';
import { type MachineTrouble, type ToolEnd, ToolFailed } from '../../../shared/run-tool.ts';
import { MAX_STREAMS } from './input-guard.ts';

export const CUT_OFF =
  'The file ends before its announced end. It was probably cut off while it was recorded or copied; please upload the whole file.';

/** What it means that an output is not what was planned. */
export const MISRENDERED = 'The file did not come out right. Please export it again as MP4 (H.264 and AAC).';

/** The tool's words and what its owner reads instead. The first that fits is taken. */
const reasons: readonly (readonly [words: RegExp, reason: string])[] = [
  [
    /moov atom not found/,
    'The file is incomplete: the index that belongs at its end is missing. It was probably cut off while it was recorded or copied; please upload the whole file.',
  ],
  [/partial file|File ended prematurely/, CUT_OFF],
  [
    /Invalid data found|could not find codec parameters|End of file|error rate .* exceeds/i,
    'The file is damaged or is not what it seems to be. Please export it again as MP4 (H.264 and AAC).',
  ],
];

const TOO_MUCH_COMES_OUT =
  'What is rendered from the file grows beyond all measure. Please export it again as MP4 (H.264 and AAC).';
/** Headers are small. One that asks for more than a machine gives (`-max_alloc`) says so in the words of a machine that has none. */
const ASKS_FOR_MEMORY =
  'The file is damaged: its headers ask for more memory than any file needs. Please export it again as MP4 (H.264 and AAC).';
const ANY_OTHER = 'The file could not be converted. Please export it again as MP4 (H.264 and AAC).';
const CRASHED =
  'The file is damaged in a way that crashes the converter. Please export it again as MP4 (H.264 and AAC).';

/** What it means that a codec is not on our list. */
export function refusedFormat(codec: string, toolOutput?: string, options?: ErrorOptions): FileFault {
  const reason = `The file uses a format inside that is not supported (${codec}). Please export it as MP4 (H.264 and AAC).`;
  return new FileFault(reason, toolOutput, options);
}

export function tooLarge(toolOutput?: string, options?: ErrorOptions): FileFault {
  return new FileFault('The picture is larger than 8K (7680 × 4320), which is not accepted.', toolOutput, options);
}

export function tooManyTracks(toolOutput?: string, options?: ErrorOptions): FileFault {
  const reason = `The file has more than ${MAX_STREAMS} tracks. Please export it again as MP4 (H.264 and AAC).`;
  return new FileFault(reason, toolOutput, options);
}

/** Signals that a program does not send itself. */
const fromOutside = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'];

/** Whether the tool was ended by a signal of its own making, not by somebody, or by the kernel for lack of memory. */
export function isCrash({ endedBy }: ToolEnd): boolean {
  return endedBy !== undefined && !fromOutside.includes(endedBy);
}

/**
 * @returns a FileFault, or a ToolFailed where another try may do better: the disk is full, the program is missing, or
 * somebody killed it (the kernel, when memory is short).
 */
export function faultOf(tool: 'ffmpeg' | 'ffprobe', end: ToolEnd, options?: ErrorOptions): FileFault | ToolFailed {
  // It repeats the whole list each time.
  const output = end.output.replaceAll(/(not on whitelist) '[^']*'?/g, '$1');
  if (/exceeds max_streams/.test(output)) return tooManyTracks(output, options);
  if (isOverLimit(output)) return tooLarge(output, options);
  if (/File too large/.test(output)) return new FileFault(TOO_MUCH_COMES_OUT, output, options);
  if (tool === 'ffprobe' && saysOutOfMemory(end.exitCode, output)) {
    return new FileFault(ASKS_FOR_MEMORY, output, { ...options, certain: false });
  }
  const machine = machineTrouble(end);
  if (machine) {
    const { words, trouble } = machine;
    return new ToolFailed(`${tool}: ${words}`, { ...end, output, trouble }, options);
  }
  if (isCrash(end)) return new FileFault(CRASHED, output, { ...options, certain: false });
  const codec = refusedCodec(output);
  if (codec !== undefined) return refusedFormat(codec, output, options);
  const reason = reasons.find(([words]) => words.test(output))?.[1];
  // It may have been the machine all the same.
  const certain = end.exitCode === TOO_MANY_BAD_FRAMES || !MACHINE_WORDS.test(output);
  return new FileFault(reason ?? ANY_OTHER, output, { ...options, certain });
}

/** Of a failure for which only the machine can be at fault, such as of a tool at work on a file of our own: the same, what was lacking named. */
export function withTrouble(failed: ToolFailed): ToolFailed {
  return new ToolFailed(
    failed.message,
    { ...failed.end, trouble: machineTrouble(failed.end)?.trouble },
    { cause: failed },
  );
}

/** Whether the tool stumbled over a picture larger than input-guard.ts allows. */
export function isOverLimit(output: string): boolean {
  return /exceeds specified max pixel count/.test(output);
}

/** Whether an output is not whole on disk: ffmpeg 5 says so, and exits with 0 all the same (measured). */
export function couldNotWrite(output: string): boolean {
  return /Error (writing trailer|closing file)/.test(output);
}

/** A track for which ffprobe gives up on the whole file. */
export interface ClosedTrack {
  readonly index: number;
  /** Its codec, if it is not opened because our list does not have it; else it is damaged. */
  readonly refused: string | undefined;
}

/** Where a list of decoders, as `ffprobe -decoders` prints it, names this one: what it decodes. */
export function decodes(decoder: string, list: string): 'picture' | 'sound' | undefined {
  const [, flag] =
    list
      .split('\n')
      .map((line) => /^ ([A-Z])\S{5} (\S+) /.exec(line) ?? [])
      .find(([, , name]) => name === decoder) ?? [];
  return flag === 'V' ? 'picture' : flag === 'A' ? 'sound' : undefined;
}

/**
 * @param output of an ffprobe that failed, warnings included. Its last line says why; before it a file may have put words.
 * @returns undefined also for a track that is over a limit.
 */
export function closedTrackIn(output: string): ClosedTrack | undefined {
  const [, refused, index] =
    /(?:Codec \((\w+)\) not on whitelist.*\n)?Could not open codec for input stream (\d+)\s*$/.exec(output) ?? [];
  return index === undefined || isOverLimit(output) ? undefined : { index: Number(index), refused };
}

/** @returns the codec that was not opened because our list does not have it, if that is what the tool stumbled over. */
function refusedCodec(output: string): string | undefined {
  return /Codec \((\w+)\) not on whitelist/.exec(output)?.[1];
}

interface Trouble {
  readonly words: string;
  readonly trouble?: MachineTrouble;
}

function machineTrouble({ exitCode, endedBy, output, limit, trouble }: ToolEnd): Trouble | undefined {
  // A file may need longer than a look gives it: whoever looks says so before.
  if (limit === 'time') return { words: 'took longer than it may' };
  if (trouble === 'no-space') return { words: 'the disk is full', trouble };
  if (trouble === 'no-sandbox') return { words: 'the sandbox could not be set up', trouble };
  if (saysOutOfMemory(exitCode, output) && !MAY_BE_OF_THE_FILE.test(output)) {
    return { words: 'there was not enough memory', trouble: 'no-memory' };
  }
  if (exitCode === 126 || exitCode === 127) return { words: 'is not installed or cannot be run' };
  if (endedBy !== undefined && fromOutside.includes(endedBy)) {
    const words = `was ended from outside by ${endedBy}`;
    return endedBy === 'SIGKILL' ? { words, trouble: 'no-memory' } : { words };
  }
  // ffmpeg ends so on SIGINT and SIGTERM, without a word; with one it is EPERM, which is 255 as well.
  if (exitCode === 255 && !/Operation not permitted/.test(output)) return { words: 'was ended from outside' };
  return undefined;
}

/** Of `-max_error_rate`, whatever was said of one of the frames. */
const TOO_MANY_BAD_FRAMES = 69;

const MACHINE_WORDS = /No space left on device|Disk quota exceeded|Cannot allocate memory|malloc of size \d+ failed/;

/** Demuxers and decoders print what is in the file, newlines included; so may what was cut off. */
const MAY_BE_OF_THE_FILE =
  /^(…|\[(?!(libx26[45]|libsvtav1|Parsed_\w+|AVFilterGraph|[vaf]+(ost)?#\S+|out#\S+) @)[^\]]+ @ 0x)/m;

/** ffmpeg 7 exits with ENOMEM, ffmpeg 5 with 1 for everything. */
function saysOutOfMemory(exitCode: number | undefined, output: string): boolean {
  return exitCode === 244 || (exitCode === 1 && /Cannot allocate memory|malloc of size \d+ failed/.test(output));
}
