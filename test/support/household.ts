/** A door with what keeping its house in order works with: no transcoder and no notification service run beside it. */
import type { Household } from '../../services/notification/maintenance/household.ts';
import { readConfig } from '../../shared/config.ts';
import { createLogger } from '../../shared/logger.ts';
import type { TestDoor } from './door.ts';

export function householdOf(door: TestDoor): Household {
  const { ledger, storage, transcode, deadLetter, notification } = door;
  const log = createLogger('test', { logLevel: 'silent' });
  return { config: readConfig({}), ledger, storage, transcode, deadLetter, notification, log };
}
