/** What keeping the house in order works with. */
import type { Queue } from 'bullmq';
import type { Config } from '../../../shared/config.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Storage } from '../../../shared/storage/storage.ts';

export interface Household {
  readonly config: Pick<
    Config,
    'workerName' | 'keepOriginalsDays' | 'alertGatherMs' | 'upkeep' | 'healthLimits' | 'admission'
  >;
  readonly ledger: Ledger;
  readonly storage: Storage;
  readonly transcode: Queue;
  readonly deadLetter: Queue;
  readonly notification: Queue;
  readonly log: Logger;
}
