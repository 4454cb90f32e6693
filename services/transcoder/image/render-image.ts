/** The image booth: renders one picture in a process of its own. Animated GIF and WebP are pictures too. */
import { fileURLToPath } from 'node:url';
import { FileFault } from '../../../shared/errors.ts';
import { ToolFailed } from '../../../shared/run-tool.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import { runEnclosed } from '../run-enclosed.ts';
import { parseReport, type Report } from './report.ts';

const PROCESS = fileURLToPath(new URL('./image-process.ts', import.meta.url));

/** What it is made of. Not the whole project: data may lie in there. */
const CODE = ['services', 'shared', 'node_modules', 'package.json'].map((part) =>
  fileURLToPath(new URL(`../../../${part}`, import.meta.url)),
);

/** No output is larger: 100 million pixels that do not compress. */
const MAX_FILE_BYTES = 512 * 1024 ** 2;

/** The largest animation allowed takes 70 s when it is all noise (100 million pixels, measured on one core). */
const TIMEOUT_MS = 5 * 60_000;

/**
 * Writes the variants of a picture into the assignment's directory.
 * @throws FileFault with a reason for the owner when it is damaged, too large or not the picture it claims to be;
 * ToolFailed or Error when the machine was the cause.
 */
export async function renderImage(assignment: Assignment): Promise<Rendering> {
  const { source, contentType, directory, lenient, settings, signal, onProgress } = assignment;
  let last: Report | undefined;
  try {
    const access = {
      reads: [source, ...CODE],
      writes: directory,
      maxFileBytes: MAX_FILE_BYTES,
      // None of the transcoder's keys. Fewer malloc arenas keep libvips from fragmenting its memory (sharp#2607).
      env: { MALLOC_ARENA_MAX: '2' },
    };
    const args = [PROCESS, source, contentType, directory, lenient ? 'lenient' : 'strict'];
    await runEnclosed({ sandbox: settings.sandbox, access }, process.execPath, args, {
      timeoutMs: TIMEOUT_MS,
      signal,
      onLine: (line) => {
        last = parseReport(line);
        if (last.what === 'progress') onProgress({ percent: last.percent });
      },
    });
  } catch (error) {
    throw error instanceof ToolFailed ? faultOf(error) : error;
  }
  return concluded(last);
}

/** A process that ended badly: the picture's fault, unless the machine ended it. */
function faultOf(error: ToolFailed): FileFault | ToolFailed {
  const { limit, endedBy, output } = error.end;
  if (limit === 'time') {
    const minutes = TIMEOUT_MS / 60_000;
    const reason = `The picture takes longer than ${minutes} minutes to render. Please make it smaller.`;
    return new FileFault(reason, output, { cause: error, certain: false });
  }
  if (endedBy === undefined || MACHINE_SIGNALS.includes(endedBy)) return error;
  const reason = 'The picture is damaged in a way that crashes the decoder.';
  return new FileFault(reason, `${endedBy} ${output}`.trim(), { cause: error, certain: false });
}

/** Sent from outside, by the kernel when memory is short. Any other is a crash. */
const MACHINE_SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'];

/** What its last line says. */
function concluded(last: Report | undefined): Rendering {
  switch (last?.what) {
    case 'made': {
      const { variants, warning } = last;
      return { kind: 'image', variants, ...(warning !== undefined && { warning }) };
    }
    case 'fault':
      throw new FileFault(last.reason, last.toolOutput);
    case 'error':
      throw Object.assign(new Error(last.message), { code: last.code });
    case 'progress':
    case undefined:
      throw new Error('the image process ended with no result');
  }
}
