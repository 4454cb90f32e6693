/** What the ledger does not know is missing only if the ledger is whole. */
import { Refusal } from '../../shared/errors.ts';
import { currentEpoch } from '../../shared/ledger/epoch.ts';
import type { Door } from './door.ts';
import { RECOVERING } from './obstacle.ts';

export const noSuchBatch = (batch: string) => new Refusal(404, `There is no batch ${batch}.`);
export const noSuchUpload = (upload: string) => new Refusal(404, `There is no upload ${upload}.`);

export const recovering = () => new Refusal(503, RECOVERING);

/** @returns the refusal, or 503 while the ledger is being recovered. */
export async function missing({ ledger }: Pick<Door, 'ledger'>, refusal: Refusal): Promise<Refusal> {
  return (await currentEpoch(ledger)) === undefined ? recovering() : refusal;
}
