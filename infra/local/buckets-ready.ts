/** The buckets are made ready before a service wants one; a server that is not up yet is waited for. */
import { StorageError } from '../../shared/errors.ts';
import type { S3Config } from '../buckets/client.ts';
import { prepareBuckets } from '../buckets/prepare-buckets.ts';
import { orAborted } from './all-come-up.ts';
import { CannotGoOn } from './cannot-go-on.ts';
import { pause } from './pause.ts';

const ASK_EVERY_MS = 500;

export interface Waiting {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Told one line for each thing that was changed, or that a person may want to change. */
  readonly say: (line: string) => void;
}

/** @throws Misconfigured, or CannotGoOn when the server is away for too long; the signal's reason. */
export async function bucketsReady(config: S3Config, { withinMs, signal, say }: Waiting): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      for (const line of await orAborted(prepareBuckets(config), signal)) say(line);
      return;
    } catch (error) {
      if (!(error instanceof StorageError && error.trouble === 'away')) throw error;
      if (performance.now() >= deadline) throw new CannotGoOn(error.message, { cause: error });
    }
    await pause(ASK_EVERY_MS, signal);
  }
}
