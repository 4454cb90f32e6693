/** What it means that ffmpeg or ffprobe failed: the file's fault, told so that its owner understands it, or the machine's. */
import { FileFault } from '../../../shared/errors.ts';
import { type ToolEnd, ToolFailed } from '../../../shared/run-tool.ts';

export const CUT_OFF =
  'The file ends before its announced end. It was probably cut off while it was recorded or copied; please upload the whole file.';

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

const ANY_OTHER = 'The file could not be converted. Please export it again as MP4 (H.264 and AAC).';
const CRASHED =
  'The file is damaged in a way that crashes the converter. Please export it again as MP4 (H.264 and AAC).';

const unsupported = (codec: string) =>
  `The file uses a format inside that is not supported (${codec}). Please export it as MP4 (H.264 and AAC).`;

/** Signals that a program does not send itself. */
const fromOutside = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * @returns a FileFault, or a ToolFailed where another try may do better: the disk is full, the program is missing, or
 * somebody killed it (the kernel, when memory is short).
 */
export function faultOf(tool: 'ffmpeg' | 'ffprobe', end: ToolEnd, options?: ErrorOptions): FileFault | ToolFailed {
  // It repeats the whole list each time.
  const output = end.output.replaceAll(/(not on whitelist) '[^']*'?/g, '$1');
  const machine = machineTrouble(end);
  if (machine) return new ToolFailed(`${tool}: ${machine}`, { ...end, output }, options);
  if (end.endedBy) return new FileFault(CRASHED, output, options);
  const [, codec] = /Codec \((\w+)\) not on whitelist/.exec(output) ?? [];
  if (codec !== undefined) return new FileFault(unsupported(codec), output, options);
  const reason = reasons.find(([words]) => words.test(output))?.[1];
  return new FileFault(reason ?? ANY_OTHER, output, options);
}

function machineTrouble({ exitCode, endedBy, output }: ToolEnd): string | undefined {
  if (/No space left on device/.test(output)) return 'the disk is full';
  if (exitCode === 126 || exitCode === 127) return 'is not installed or cannot be run';
  if (endedBy !== undefined && fromOutside.includes(endedBy)) return `was ended from outside by ${endedBy}`;
  // ffmpeg ends so on SIGINT and SIGTERM, without a word; with one it is EPERM, which is 255 as well.
  if (exitCode === 255 && !/Operation not permitted/.test(output)) return 'was ended from outside';
  return undefined;
}
