/**
 * Runs the one ffmpeg call of a render through fluent-ffmpeg, which is archived: this is the only file that knows it.
 * It never outlives the call, nor the process, and its exit code alone proves nothing: verify/ looks at what it made.
 */
import { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import fluent from 'fluent-ffmpeg';
import { FileFault } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { troubleOf } from '../machine-trouble.ts';
import { requirePlainOutputs } from '../plain-outputs.ts';
import type { RenderProgress } from '../rendering.ts';
import { enclosed, type Sandbox, signalIn } from '../sandbox.ts';
import type { Command } from './command.ts';
import { couldNotWrite, faultOf } from './fault.ts';
import { isProgressLine, progressAt, renderedSeconds } from './progress.ts';
import { watchStall } from './stall.ts';

/** How a call went that ffmpeg says went well. */
export interface Rendered {
  /** Where its outputs end; undefined when nothing came out. */
  readonly seconds: number | undefined;
  /** The last lines of what it complained of. */
  readonly complaints: readonly string[];
}

export interface RenderRun {
  /** Where ffmpeg runs and puts its outputs. */
  readonly directory: string;
  /** No output may be larger. */
  readonly maxFileBytes: number;
  /** For progress; undefined when not known. */
  readonly durationSeconds: number | undefined;
  /** Wall-clock time after which it is ended. */
  readonly timeoutMs: number;
  /** The same, without any progress. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
  /** Called about once a second. */
  readonly onProgress: (progress: RenderProgress) => void;
  readonly log: Logger;
}

/** The render went on beyond its time, or got no further. */
export class TookTooLong extends FileFault {}

const RUN = join(import.meta.dirname, 'ffmpeg.sh');

/** Of what ffmpeg complains, the last lines are kept, after an ellipsis where there were more. */
const COMPLAINTS_KEPT = 40;

/**
 * @throws FileFault when ffmpeg cannot render the file, ToolFailed when the machine is at fault, the signal's reason when
 * aborted, fluent's own error when ffmpeg could not even be started. It is gone by then.
 */
export async function render(command: Command, run: RenderRun): Promise<Rendered> {
  run.signal.throwIfAborted();
  const complaints: string[] = [];
  let reached: number | undefined;
  let firstLine: string | undefined;
  using stall = watchStall(run.stallMs);
  const job = fluentCommand(command, run);
  job.on(
    'stderr',
    readStderr(run, complaints, (seconds) => {
      reached = seconds;
      stall.reached(seconds);
    }),
  );

  const trouble = () => troubleOf({ firstLine: firstLine ?? '', output: complaints.join('\n'), writes: run.directory });

  const timeout = AbortSignal.timeout(run.timeoutMs);
  const stop = AbortSignal.any([run.signal, timeout, stall.signal]);
  // What is half done is thrown away, so it is killed outright: on SIGTERM it would first finish and rewrite its files.
  const kill = () => firstLine !== undefined && job.kill('SIGKILL');
  job.on('stderr', (line) => {
    // From here on what is killed is all that was started (sandbox.ts).
    if (firstLine === undefined) answer(job);
    firstLine ??= line;
    if (stop.aborted) kill();
  });
  stop.addEventListener('abort', kill);
  try {
    await finished(job, run.log);
    run.log.debug('ffmpeg ended');
  } catch (error) {
    run.signal.throwIfAborted();
    await requirePlainOutputs(run.directory);
    const output = complaints.join('\n');
    if (timeout.aborted || stall.signal.aborted) {
      const minutes = Math.round((timeout.aborted ? run.timeoutMs : run.stallMs) / 60_000);
      const reason = `Rendering was given up after ${minutes} minutes${timeout.aborted ? '' : ' without any progress'}.`;
      throw new TookTooLong(reason, output, { cause: error, certain: false });
    }
    const end = howItEnded(error, command.sandbox);
    throw end ? faultOf('ffmpeg', { ...end, output, trouble: await trouble() }, { cause: error }) : error;
  } finally {
    stop.removeEventListener('abort', kill);
  }
  await requirePlainOutputs(run.directory);
  const output = complaints.join('\n');
  if (couldNotWrite(output)) throw faultOf('ffmpeg', { output, exitCode: 1, trouble: await trouble() });
  return { seconds: reached, complaints };
}

/** fluent keeps the process, and tells nobody. */
function answer(job: fluent.FfmpegCommand): void {
  const process: unknown = Reflect.get(job, 'ffmpegProc');
  if (!(process instanceof ChildProcess)) throw new Error('fluent-ffmpeg no longer keeps its process');
  // It may be gone by now, which is told elsewhere.
  process.stdin?.on('error', () => {}).end('\n');
}

function fluentCommand(command: Command, run: RenderRun): fluent.FfmpegCommand {
  // It would repeat all lines that it keeps in its error's message; ours are kept by readStderr.
  const job = fluent({ cwd: run.directory, stdoutLines: 1 }).setFfmpegPath(RUN);
  const access = { reads: [command.input], writes: run.directory, maxFileBytes: run.maxFileBytes };
  const [file, args] = enclosed(command.sandbox, access, 'ffmpeg', command.inputOptions);
  job.input(`file:${command.input}`).inputOptions(file, ...args);
  if (command.graph !== undefined) job.complexFilter(command.graph);
  for (const output of command.outputs) job.output(output.file).outputOptions(...output.options);
  return job;
}

/** Resolves when ffmpeg has exited with 0, rejects with fluent's error when it has exited otherwise or could not start. */
function finished(job: fluent.FfmpegCommand, log: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    job.on('start', (line) => log.debug({ command: line }, 'ffmpeg started'));
    job.on('end', () => resolve());
    job.on('error', reject);
    job.run();
  });
}

function readStderr(
  run: RenderRun,
  complaints: string[],
  onReached: (seconds: number) => void,
): (line: string) => void {
  const begun = performance.now();
  return (line) => {
    const seconds = renderedSeconds(line);
    if (seconds !== undefined) {
      onReached(seconds);
      run.onProgress(progressAt(seconds, (performance.now() - begun) / 1000, run.durationSeconds));
    } else if (line.trim() !== '' && !isProgressLine(line)) {
      complaints.push(line);
      if (complaints.length > COMPLAINTS_KEPT) complaints.splice(0, 2, '…');
    }
  };
}

/** fluent tells exit codes and signals in words only. @returns undefined when its error is about neither. */
function howItEnded(error: unknown, sandbox: Sandbox): { exitCode: number } | { endedBy: string } | undefined {
  const message = error instanceof Error ? error.message : String(error);
  const [, code] = /exited with code (\d+)/.exec(message) ?? [];
  const endedBy = code === undefined ? undefined : signalIn(sandbox, Number(code));
  if (endedBy !== undefined) return { endedBy };
  if (code !== undefined) return { exitCode: Number(code) };
  const [, signal] = /killed with signal (\w+)/.exec(message) ?? [];
  return signal === undefined ? undefined : { endedBy: signal };
}
