/** What a process has taken so far (proc(5)). */
import { readFile } from 'node:fs/promises';

/** USER_HZ, which Linux has fixed at 100 for user space. */
const TICKS_PER_SECOND = 100;

/** User and system time of all its threads, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const [user = Number.NaN, system = Number.NaN] = await times(pid);
  return user + system;
}

/** That of the children that it has had, in seconds. */
export async function cpuSecondsOfChildren(pid: number): Promise<number> {
  const [, , user = Number.NaN, system = Number.NaN] = await times(pid);
  return user + system;
}

/** utime, stime, cutime and cstime, in seconds. */
async function times(pid: number): Promise<number[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; behind it, utime is the 12th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map((ticks) => Number(ticks) / TICKS_PER_SECOND);
}

/** Largest resident set it has ever had, in bytes. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
