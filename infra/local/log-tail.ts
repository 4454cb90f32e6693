/** The end of a service's log, as a person wants to read it when the service does not start. */
import { open } from 'node:fs/promises';

const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 10;

/**
 * @param from byte offset before which the log is of no interest: it is of an earlier run.
 * @returns at most ten lines, the newest last; none when there is no log.
 */
export async function logTail(path: string, from: number): Promise<string[]> {
  const file = await open(path).catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(Math.max(0, size - start)), position: start });
    return buffer
      .toString('utf8', 0, bytesRead)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-TAIL_LINES)
      .map(readable);
  } finally {
    await file.close();
  }
}

/** A JSON line of the logger becomes its message; any other line stays as it is. */
export function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const event: unknown = JSON.parse(line);
    const isMessage = typeof event === 'object' && event !== null && 'msg' in event && typeof event.msg === 'string';
    return isMessage ? String(event.msg) : line;
  } catch {
    return line;
  }
}
