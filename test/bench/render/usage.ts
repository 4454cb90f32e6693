/** What the processes that this one has started take, theirs included (proc(5)): processor time and memory. */
import { readdir, readFile } from 'node:fs/promises';

/** USER_HZ, which Linux has fixed at 100 for user space. */
const TICKS_PER_SECOND = 100;
const WATCH_EVERY_MS = 500;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Seconds, user and system: its own, and that of its children which have ended. */
  readonly own: number;
  readonly ended: number;
}

export interface Usage {
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** Largest resident set of a process of this name, in bytes. */
  peak(name: string): number;
}

/** @returns what `run` has returned, and what the processes took that it had this one start. One at a time. */
export async function measured<T>(run: () => Promise<T>): Promise<[T, Usage]> {
  const peaks = new Map<string, number>();
  const watch = setInterval(() => void notePeaks(peaks), WATCH_EVERY_MS);
  try {
    const [before, began] = [await childrenCpu(), performance.now()];
    const result = await run();
    const seconds = (performance.now() - began) / 1000;
    const cpuSeconds = (await childrenCpu()) - before;
    return [result, { cpuSeconds, seconds, peak: (name) => peaks.get(name) ?? 0 }];
  } finally {
    clearInterval(watch);
  }
}

/** Processor time of this process and of all that it has waited for, in seconds. */
export async function cpuSoFar(): Promise<number> {
  const self = await statOf('self');
  return self === undefined ? 0 : self.own + self.ended;
}

/** Largest resident set of a process, in bytes; 0 when it is gone. */
export async function peakMemory(pid: number | 'self'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function childrenCpu(): Promise<number> {
  const self = await statOf('self');
  return (await descendants()).reduce((sum, { own, ended }) => sum + own + ended, self?.ended ?? 0);
}

async function notePeaks(peaks: Map<string, number>): Promise<void> {
  for (const { pid, name } of await descendants()) {
    peaks.set(name, Math.max(peaks.get(name) ?? 0, await peakMemory(pid)));
  }
}

async function descendants(): Promise<Stat[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(names.map(statOf))).filter((stat) => stat !== undefined);
  const found: Stat[] = [];
  for (let parents = [process.pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map(({ pid }) => pid);
  }
  return found;
}

async function statOf(pid: string): Promise<Stat | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name in brackets may hold spaces and brackets.
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')];
  const fields = stat.slice(close + 2).split(' ');
  const seconds = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) / TICKS_PER_SECOND;
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(fields[1]),
    name: stat.slice(open + 1, close),
    own: seconds(11),
    ended: seconds(13),
  };
}
