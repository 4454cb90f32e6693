/** What the usher works with. */
import type { Config } from '../../shared/config.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Storage } from '../../shared/storage/storage.ts';

export interface Desk {
  readonly config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'operatorEmail' | 'publicUrl'>;
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly log: Logger;
}
