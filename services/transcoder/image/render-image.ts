/** The image booth: renders one picture in a process of its own. Animated GIF and WebP are pictures too. */
import { fileURLToPath } from 'node:url';
import { FileFault } from '../../../shared/errors.ts';
import { ToolFailed } from '../../../shared/run-tool.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import { runEnclosed } from '../run-enclosed.ts';
import { isCrash, withTrouble } from '../video/fault.ts';
import { makeMovie } from './make-movie.ts';
import type { ImageTask, Made } from './make-variants.ts';
import { requireOutputs } from './outputs.ts';
import { parseReport } from './parse-report.ts';
import type { Report } from './report.ts';

const PROCESS = fileURLToPath(new URL('./image-process.ts', import.meta.url));

/** What it consists of. */
const CODE = ['services/transcoder', 'shared', 'node_modules', 'package.json'].map((path) =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url)),
);

/** None of the transcoder's keys. Fewer malloc arenas keep libvips from fragmenting its memory (sharp#2607). */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

/** More than the largest picture allowed takes as PNG, when it is all noise. */
const MAX_OUTPUT_BYTES = 1024 ** 3;

export interface ImageLimits {
  /** By the clock, for all outputs but the movie. */
  readonly timeoutMs: number;
}

/** The largest animation allowed takes 70 s when it is all noise (100 million pixels, measured on one core). */
const LIMITS: ImageLimits = { timeoutMs: 5 * 60_000 };

/**
 * Writes the variants of a picture into the assignment's directory.
 * @throws FileFault with a reason for the owner when it is damaged, too large or not the picture it claims to be;
 * ToolFailed or Error when the machine was the cause, or the image process says what is not so.
 */
export async function renderImage(assignment: Assignment, limits: ImageLimits = LIMITS): Promise<Rendering> {
  const { directory, settings, signal } = assignment;
  const { movie, variants, ...rest } = await inProcessOfItsOwn(assignment, limits);
  const all = movie ? [...variants, await makeMovie(movie, directory, settings.sandbox, signal)] : variants;
  await requireOutputs(directory, all);
  return { kind: 'image', variants: all, ...rest };
}

async function inProcessOfItsOwn(assignment: Assignment, { timeoutMs }: ImageLimits): Promise<Made> {
  const { source, contentType, directory, lenient, settings, signal, onProgress } = assignment;
  const { sandbox, imageFormats, animationMp4 } = settings;
  const task: ImageTask = {
    original: { source, contentType, lenient },
    directory,
    settings: { imageFormats, animationMp4 },
  };
  const access = { reads: [source, ...CODE], writes: directory, maxFileBytes: MAX_OUTPUT_BYTES, env: ENVIRONMENT };
  let conclusion: Conclusion | undefined;
  try {
    await runEnclosed({ sandbox, access }, process.execPath, [PROCESS, JSON.stringify(task)], {
      timeoutMs,
      signal,
      onLine: (line) => {
        const report = parseReport(line);
        if (report.what === 'progress') onProgress({ percent: report.percent });
        else conclusion ??= report;
      },
    });
  } catch (error) {
    throw error instanceof ToolFailed ? faultOf(error, timeoutMs) : error;
  }
  return concluded(conclusion);
}

/** A process that ended badly: the picture's fault, unless the machine ended it. */
function faultOf(error: ToolFailed, timeoutMs: number): FileFault | ToolFailed {
  const { limit, endedBy, output } = error.end;
  if (limit === 'time') {
    const reason = `The picture takes longer than ${timeoutMs / 60_000} minutes to render. Please make it smaller.`;
    return new FileFault(reason, output, { cause: error, certain: false });
  }
  if (!isCrash(error.end)) return withTrouble(error);
  const reason = 'The picture is damaged in a way that crashes the decoder.';
  return new FileFault(reason, `${endedBy} ${output}`.trim(), { cause: error, certain: false });
}

/** Other outputs may still report progress after one has failed. */
type Conclusion = Exclude<Report, { readonly what: 'progress' }>;

function concluded(conclusion: Conclusion | undefined): Made {
  switch (conclusion?.what) {
    case 'made': {
      const { what, ...made } = conclusion;
      return made;
    }
    case 'fault':
      throw new FileFault(conclusion.reason, conclusion.toolOutput);
    case 'error':
      throw Object.assign(new Error(conclusion.message), { code: conclusion.code });
    case undefined:
      throw new Error('the image process ended with no result');
  }
}
