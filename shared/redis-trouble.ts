/** What an error says of Redis. Pure. */

/** What ioredis and BullMQ throw when there is no answer: they have no classes of their own for most of it. */
const NAMES = new Set(['MaxRetriesPerRequestError', 'ConnectionClosedError']);
const NO_ANSWER =
  /^(Command timed out|Connection is closed|Command aborted due to connection close|Stream isn't writeable|Redis does not answer)/;

/** Codes with which a Redis answers that cannot serve just now; within a script they stand behind other words. */
const NOT_NOW = /\b(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|BUSY)\b/;
const NO_MEMORY = /\bOOM command not allowed/;

/** `away`: it does not answer, or cannot serve just now; `no-memory`: it has none left; undefined: it is about something else. */
export function redisTrouble(error: Error & { code?: string }): 'away' | 'no-memory' | undefined {
  if (NAMES.has(error.name) || NO_ANSWER.test(error.message) || error.code === 'ECONNREFUSED') return 'away';
  if (error.name !== 'ReplyError') return undefined;
  // A transaction that was discarded tells why beside its own error.
  const said = [
    error,
    ...('previousErrors' in error && Array.isArray(error.previousErrors) ? error.previousErrors : []),
  ]
    .map(({ message }) => String(message))
    .join('\n');
  if (NO_MEMORY.test(said)) return 'no-memory';
  return NOT_NOW.test(said) ? 'away' : undefined;
}
