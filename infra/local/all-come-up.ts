/** Waits until every program of a group does its work, or says which does not and what it printed last. */
import { once } from 'node:events';
import { CannotGoOn } from './cannot-go-on.ts';
import type { Supervised } from './supervise.ts';

export interface ComingUp {
  readonly supervised: Supervised;
  /** Resolves when it is up, rejects when the signal is aborted. */
  readonly up: (signal: AbortSignal) => Promise<void>;
}

/** @throws CannotGoOn when the time is over; the signal's reason when that is aborted. */
export async function allComeUp(group: readonly ComingUp[], withinMs: number, signal: AbortSignal): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), withinMs);
  const ending = AbortSignal.any([signal, late.signal]);
  const waiting = new Set(group.map(({ supervised }) => supervised));
  const comesUp = async ({ supervised, up }: ComingUp) => {
    await up(ending);
    waiting.delete(supervised);
  };
  try {
    await Promise.all(group.map(comesUp));
  } catch (error) {
    signal.throwIfAborted();
    if (!late.signal.aborted) throw error;
    const reports = await Promise.all([...waiting].map((supervised) => report(supervised, withinMs)));
    throw new CannotGoOn(reports.join('\n'), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** The promise's result, unless the signal is aborted first: then its reason is thrown. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const settled = new AbortController();
  const aborted = once(signal, 'abort', { signal: settled.signal }).then(() => Promise.reject(signal.reason));
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    settled.abort();
  }
}

async function report({ name, logFile, recentLog }: Supervised, withinMs: number): Promise<string> {
  const lines = await recentLog();
  const end = lines.length === 0 ? ' It printed nothing.' : ` The end of ${logFile}:\n  ${lines.join('\n  ')}`;
  return `${name} did not come up within ${withinMs / 1000} s.${end}`;
}
