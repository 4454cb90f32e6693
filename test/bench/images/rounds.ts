/** Sends each photo through all ways in turn, so that what else the machine does hits all ways alike. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findSandbox } from '../../../services/transcoder/find-sandbox.ts';
import { renderImage } from '../../../services/transcoder/image/render-image.ts';
import { readConfig } from '../../../shared/config.ts';
import { createLogger } from '../../../shared/logger.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { cpuSeconds, cpuSecondsOfChildren, peakMemory } from '../upload/process-usage.ts';
import type { BareTask } from './bare-loop.ts';

export const WAYS = ['booth', 'one-by-one', 'at-once'] as const;
export type Way = (typeof WAYS)[number];

/** One photo, in each way. */
interface Turn {
  readonly seconds: Readonly<Record<Way, number>>;
  readonly cpuSeconds: Readonly<Record<Way, number>>;
}

export interface Measured {
  readonly turns: readonly Turn[];
  /** Of all photos, bytes. */
  readonly read: number;
  /** Of all outputs, bytes; the same in each way. */
  readonly written: number;
  /** Largest resident set, bytes; of the image processes that of the largest. */
  readonly peak: { readonly imageProcess: number; readonly bareLoop: number };
}

const LOOK_EVERY_MS = 50;

export async function runRounds(
  photos: readonly string[],
  stop: AbortSignal,
  say: (line: string) => void,
): Promise<Measured> {
  await using directory = await temporaryDirectory();
  const bare = fork(join(import.meta.dirname, 'bare-loop.ts'));
  stop.addEventListener('abort', () => bare.kill());
  const watch = watchChildren([bare.pid]);
  try {
    const turns: Turn[] = [];
    let written = 0;
    for (const photo of photos) {
      const theirs = () => cpuSeconds(bare.pid ?? 0);
      const out = directory.path;
      const booth = await timed(out, cpuOfBooth, (to) => throughBooth(photo, to, stop));
      const oneByOne = await timed(out, theirs, (to) => bareLoop(bare, photo, to, 'one-by-one'));
      const atOnce = await timed(out, theirs, (to) => bareLoop(bare, photo, to, 'at-once'));
      if (booth.bytes !== oneByOne.bytes || booth.bytes !== atOnce.bytes)
        throw new Error(`the ways made different outputs: ${booth.bytes}, ${oneByOne.bytes}, ${atOnce.bytes} bytes`);
      written += booth.bytes;
      const seconds = { booth: booth.seconds, 'one-by-one': oneByOne.seconds, 'at-once': atOnce.seconds };
      const cpu = { booth: booth.cpu, 'one-by-one': oneByOne.cpu, 'at-once': atOnce.cpu };
      turns.push({ seconds, cpuSeconds: cpu });
      say(`${turns.length} of ${photos.length}: ${WAYS.map((way) => `${way} ${seconds[way].toFixed(1)} s`)}`);
    }
    const sizes = await Promise.all(photos.map(async (photo) => (await stat(photo)).size));
    const bareLoopPeak = await peakMemory(bare.pid ?? 0);
    const peak = { imageProcess: watch.peak(), bareLoop: bareLoopPeak };
    return { turns, read: sizes.reduce((a, b) => a + b, 0), written, peak };
  } finally {
    watch[Symbol.dispose]();
    bare.kill();
  }
}

async function timed(
  directory: string,
  cpuTime: () => Promise<number>,
  make: (out: string) => Promise<number>,
): Promise<{ seconds: number; cpu: number; bytes: number }> {
  const out = join(directory, 'out');
  await mkdir(out);
  const [begun, cpuBefore] = [performance.now(), await cpuTime()];
  const bytes = await make(out);
  const [seconds, cpu] = [(performance.now() - begun) / 1000, (await cpuTime()) - cpuBefore];
  await rm(out, { recursive: true });
  return { seconds, cpu, bytes };
}

const cpuOfBooth = async () => (await cpuSeconds(process.pid)) + (await cpuSecondsOfChildren(process.pid));

const log = createLogger('bench', { logLevel: 'silent' });
const settings = { ...readConfig({}).render, sandbox: await findSandbox('auto', log) };

async function throughBooth(source: string, directory: string, signal: AbortSignal): Promise<number> {
  const given = { source, directory, signal, settings, contentType: 'image/jpeg', lenient: false, log };
  const { variants } = await renderImage({ ...given, onProgress: () => {} });
  return variants.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function bareLoop(bare: ChildProcess, photo: string, directory: string, how: BareTask['how']): Promise<number> {
  bare.send({ photo, directory, how } satisfies BareTask);
  const [bytes] = await once(bare, 'message');
  return Number(bytes);
}

/** Looks again and again how much memory a child of ours, or a child of its, has taken at most, but for these. */
function watchChildren(others: readonly (number | undefined)[]): Disposable & { peak(): number } {
  let peak = 0;
  const timer = setInterval(async () => {
    for (const pid of await descendants('self')) {
      if (others.includes(pid)) continue;
      peak = Math.max(peak, (await peakMemory(pid).catch(() => 0)) || 0);
    }
  }, LOOK_EVERY_MS);
  return { peak: () => peak, [Symbol.dispose]: () => clearInterval(timer) };
}

/** In a sandbox the image process is the child of that. */
async function descendants(of: number | 'self'): Promise<number[]> {
  const tasks = await readdir(`/proc/${of}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${of}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap((list) => list.trim().split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}
