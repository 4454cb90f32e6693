/** What the usher works with. */
import type { Queue } from 'bullmq';
import type { Config } from '../../shared/config.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Storage } from '../../shared/storage/storage.ts';

export interface Desk {
  readonly config: Pick<
    Config,
    'smtpUrl' | 'mailFrom' | 'operatorEmail' | 'publicUrl' | 'mailsPerSecond' | 'alertGatherMs' | 'lease' | 'workerName'
  >;
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly notification: Queue;
  readonly log: Logger;
}

/** One job's work at it. */
export interface Turn {
  /** Aborted when the service stops. */
  readonly signal: AbortSignal;
  /** Names the job, and the batch and upload if it is about one. */
  readonly log: Logger;
}
