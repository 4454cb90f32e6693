/** The image booth: renders one picture in a process of its own. Animated GIF and WebP are pictures too. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { FileFault } from '../../../shared/errors.ts';
import { leashed } from '../../../shared/leash.ts';
import { ToolFailed } from '../../../shared/run-tool.ts';
import type { Assignment, Rendering } from '../rendering.ts';
import { parseReport, type Report } from './report.ts';

const PROCESS = fileURLToPath(new URL('./image-process.ts', import.meta.url));

/** The largest animation allowed takes 70 s when it is all noise (100 million pixels, measured on one core). */
const TIMEOUT_MS = 5 * 60_000;

/**
 * Writes the variants of a picture into the assignment's directory.
 * @throws FileFault with a reason for the owner when it is damaged, too large or not the picture it claims to be;
 * ToolFailed or Error when the machine was the cause.
 */
export async function renderImage(assignment: Assignment): Promise<Rendering> {
  const { source, contentType, directory, signal, onProgress } = assignment;
  signal.throwIfAborted();
  const [file, args] = leashed(process.execPath, [PROCESS, source, contentType, directory]);
  const running = execa(file, args, {
    cwd: directory,
    // None of the transcoder's keys. Fewer malloc arenas keep libvips from fragmenting its memory (sharp#2607).
    env: { MALLOC_ARENA_MAX: '2' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    cancelSignal: signal,
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  let last: Report | undefined;
  for await (const line of running) {
    last = parseReport(line);
    if (last.what === 'progress') onProgress({ percent: last.percent });
  }
  const { timedOut, signal: endedBy, exitCode, stderr } = await running;
  signal.throwIfAborted();
  if (timedOut) {
    throw new FileFault(
      `The picture takes longer than ${TIMEOUT_MS / 60_000} minutes to render. Please make it smaller.`,
    );
  }
  return concluded(last, { endedBy, exitCode, stderr });
}

interface ProcessEnd {
  readonly endedBy: string | undefined;
  readonly exitCode: number | undefined;
  readonly stderr: string;
}

function concluded(last: Report | undefined, { endedBy, exitCode, stderr }: ProcessEnd): Rendering {
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
      throw endedBy === undefined || MACHINE_SIGNALS.includes(endedBy)
        ? new ToolFailed(`the image process ended with ${endedBy ?? exitCode} and no result`, stderr, exitCode)
        : new FileFault('The picture is damaged in a way that crashes the decoder.', `${endedBy} ${stderr}`.trim());
  }
}

/** Sent from outside, by the kernel when memory is short. Any other is a crash. */
const MACHINE_SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'];
