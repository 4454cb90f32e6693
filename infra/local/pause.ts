/** Waits for so long. @throws the signal's reason as soon as that is aborted: the bare timer throws an error of its own. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
