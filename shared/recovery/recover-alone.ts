/** One recovery at a time, however many see that it is needed; afterwards the ledger is whole. */
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { beginEpoch } from '../ledger/epoch.ts';
import { holdRecovery, releaseRecovery } from '../ledger/recovering.ts';
import { type Rebuilding, type Recovered, type RecoveryProgress, recover } from './recover.ts';

/** Whoever recovers says so often enough that nobody else begins; dead, it is replaced after this. */
const HOLDS_MS = 15_000;

/** @returns undefined when somebody else is at it. @throws StorageError, Redis's errors; the ledger is not whole then. */
export async function recoverAlone(
  rebuilding: Rebuilding,
  onProgress: (progress: RecoveryProgress) => void,
): Promise<Recovered | undefined> {
  const { ledger } = rebuilding;
  const token = randomUUID();
  if (!(await holdRecovery(ledger, token, HOLDS_MS))) return undefined;
  // One renewal that is missed does no harm: two recoveries at once only do the same twice.
  const renewal = setInterval(() => holdRecovery(ledger, token, HOLDS_MS).catch(() => {}), HOLDS_MS / 3);
  try {
    const recovered = await recover(rebuilding, onProgress);
    await beginEpoch(ledger, uuidv7());
    return recovered;
  } finally {
    clearInterval(renewal);
    await releaseRecovery(ledger, token);
  }
}
