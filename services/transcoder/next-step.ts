/** What happens next after a try failed: wait in place, try again in place, or give up. Pure. */
import { FileFault, StorageError } from '../../shared/errors.ts';
import { redisTrouble } from '../../shared/redis-trouble.ts';
import { ToolFailed } from '../../shared/run-tool.ts';

export type NextStep =
  /** A dependency is away: it costs no attempt. `what` says which, for whoever looks at the upload. */
  | { readonly step: 'wait'; readonly what: string }
  | { readonly step: 'retry' | 'give-up'; readonly reason: string; readonly toolOutput: string | undefined };

/** @param attempt tries so far, this one included. @param attempts tries that a file has. */
export function nextStep(error: unknown, attempt: number, attempts: number): NextStep {
  const what = awayDependency(error);
  if (what !== undefined) return { step: 'wait', what };
  // A crash or time-out of the converter points at the file; once, the machine may have been the cause.
  const mayPass = error instanceof FileFault ? !error.certain && attempt === 1 : !isGone(error);
  const step = mayPass && attempt < attempts ? 'retry' : 'give-up';
  return { step, reason: reasonOf(error), toolOutput: toolOutputOf(error) };
}

/** Pause before the next try, ms: doubled with each, and up to a quarter longer, so that a fleet does not try in step. */
export function retryPause(attempt: number, baseMs: number, random: number): number {
  return Math.round(baseMs * 2 ** (attempt - 1) * (1 + random / 4));
}

/** Which dependency this error says is away; undefined when it is about something else. */
export function awayDependency(error: unknown): string | undefined {
  if (error instanceof StorageError) return error.trouble === 'not-found' ? undefined : storageWords[error.trouble];
  if (isDiskFull(error)) return 'the disk of WORK_DIR is full';
  const trouble = error instanceof Error ? redisTrouble(error) : undefined;
  return trouble && redisWords[trouble];
}

const redisWords = {
  away: 'Redis cannot take anything just now',
  'no-memory': 'Redis has no memory left: the operator has to look at its maxmemory',
} as const;

const storageWords = {
  away: 'the storage cannot be reached',
  refused: 'the storage refuses us: the operator has to look at its keys and buckets',
  'no-space': 'the storage is full',
} as const;

const isGone = (error: unknown) => error instanceof StorageError && error.trouble === 'not-found';

function isDiskFull(error: unknown): boolean {
  if (error instanceof ToolFailed) return error.end.trouble === 'no-space';
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** What the instructor reads. */
function reasonOf(error: unknown): string {
  if (error instanceof FileFault) return error.message;
  if (isGone(error)) return 'The uploaded file is no longer in our storage. Please send it again.';
  return 'Something went wrong on our side while the file was rendered. Please send it again, or tell the operator.';
}

/** What the operator reads: the last words of the tool, or of whatever failed. */
function toolOutputOf(error: unknown): string | undefined {
  if (error instanceof FileFault) return error.toolOutput;
  if (error instanceof ToolFailed) return `${error.message}\n${error.end.output}`.trim();
  return error instanceof Error ? error.message : String(error);
}
