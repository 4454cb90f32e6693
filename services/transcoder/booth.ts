/** What the booth works with. */
import type { Queue } from 'bullmq';
import type { Config } from '../../shared/config.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import type { Sandbox } from './sandbox.ts';

export interface Booth {
  readonly config: Pick<
    Config,
    | 'workDir'
    | 'workerName'
    | 'transcodeConcurrency'
    | 'retryAttempts'
    | 'retryBaseMs'
    | 'lease'
    | 'keepOriginalsDays'
    | 'alertGatherMs'
    | 'render'
  >;
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly transcode: Queue;
  readonly deadLetter: Queue;
  readonly notification: Queue;
  readonly sandbox: Sandbox;
  readonly log: Logger;
}
