/** What a render waits for: a dependency that is away. */
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';
import type { Turn } from './start.ts';

const script = loadScript(new URL('./waiting.lua', import.meta.url), 1);

/** @param what one line for whoever looks at the upload; undefined when it waits no longer. */
export async function noteWaiting(ledger: Ledger, { upload, run }: Turn, what: string | undefined): Promise<void> {
  await runScript(ledger, script, [ledgerKey.upload(upload)], [run, what ?? '']);
}
