/** Looks at how the house is, and has the operator told when that changes. */
import { houseHealth } from '../../../shared/house-health.ts';
import { tellHealth } from '../../../shared/ledger/tell-health.ts';
import { readMeasures } from '../../../shared/measures.ts';
import { announceAlerts } from '../../../shared/queues.ts';
import type { Household } from './household.ts';

export async function watchHealth({ ledger, transcode, notification, config, log }: Household): Promise<void> {
  const health = houseHealth(await readMeasures(ledger, transcode), config.healthLimits, config.admission);
  if (health.state !== 'healthy') log.warn(health, `the house is ${health.state}`);
  if (await tellHealth(ledger, health)) await announceAlerts(notification, config.alertGatherMs);
}
