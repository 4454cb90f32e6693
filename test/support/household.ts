/** A door with what keeping its house in order works with: no transcoder and no notification service run beside it. */
import type { Household } from '../../services/notification/maintenance/household.ts';
import { readConfig } from '../../shared/config.ts';
import { createLogger } from '../../shared/logger.ts';
import { openQueue } from '../../shared/queues.ts';
import type { TestDoor } from './door.ts';

export function householdOf(door: TestDoor): Household {
  const { ledger, storage, transcode, notification } = door;
  const log = createLogger('test', { logLevel: 'silent' });
  const deadLetter = openQueue('dead-letter', ledger.redis);
  return { config: readConfig({}), ledger, storage, transcode, deadLetter, notification, log };
}
