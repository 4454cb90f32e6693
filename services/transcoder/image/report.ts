/** What the image process tells the transcoder: JSON lines. parse-report.ts checks them. */
import { FileFault } from '../../../shared/errors.ts';
import type { Made } from './make-variants.ts';

/** Any number of `progress`, then one of the others. */
export type Report =
  | { readonly what: 'progress'; readonly percent: number }
  | ({ readonly what: 'made' } & Made)
  | { readonly what: 'fault'; readonly reason: string; readonly toolOutput?: string }
  | { readonly what: 'error'; readonly message: string; readonly code?: string };

/** A FileFault as it is; of anything else what an operator needs: the words, and the system's code (`ENOSPC`). */
export function reportOf(error: unknown): Report {
  if (error instanceof FileFault) {
    const { message, toolOutput } = error;
    return { what: 'fault', reason: message, ...(toolOutput !== undefined && { toolOutput }) };
  }
  const { message, code } = error as NodeJS.ErrnoException;
  return { what: 'error', message, ...(typeof code === 'string' && { code }) };
}
