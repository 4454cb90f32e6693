/** The first step of every render: the ledger says whether there is anything to do. */
import { z } from 'zod';
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';

const script = loadScript(new URL('./start.lua', import.meta.url), 2);
const start = z.enum(['started', 'settled', 'unknown']);

/** @param attempt renders begun with this one, from 1; a render that was killed or stopped is begun again as itself. */
export async function startUpload(ledger: Ledger, upload: string, attempt: number): Promise<z.infer<typeof start>> {
  return start.parse(await runScript(ledger, script, [ledgerKey.upload(upload), ledgerKey.queued], [upload, attempt]));
}
