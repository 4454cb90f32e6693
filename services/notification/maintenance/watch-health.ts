/** Looks at how the house is, and has the operator told when that changes. */
import { houseHealth } from '../../../shared/house-health.ts';
import { tellHealth } from '../../../shared/ledger/tell-health.ts';
import { measureStorage, readMeasures } from '../../../shared/measures.ts';
import { announceAlerts } from '../../../shared/queues.ts';
import type { Household } from './household.ts';

export async function watchHealth(household: Household): Promise<void> {
  const { ledger, storage, transcode, notification, config, log } = household;
  const measures = { queue: await readMeasures(ledger, transcode), storage: await measureStorage(storage) };
  const health = houseHealth(measures, config.healthLimits, config.admission);
  if (health.state !== 'healthy') log.warn(health, `the house is ${health.state}`);
  if (await tellHealth(ledger, health)) await announceAlerts(notification, config.alertGatherMs);
}
