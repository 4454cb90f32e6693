/** How far a render is. */
import { ledgerKey } from './keys.ts';
import { type Ledger, loadScript, runScript } from './ledger.ts';
import type { Turn } from './start.ts';

const script = loadScript(new URL('./progress.lua', import.meta.url), 1);

export interface Progress {
  /** 0 to 99. */
  readonly percent: number;
  /** Seconds of media per second. */
  readonly speed?: number;
  readonly etaSeconds?: number;
}

export async function noteProgress(ledger: Ledger, { upload, run }: Turn, progress: Progress): Promise<void> {
  const { percent, speed, etaSeconds } = progress;
  await runScript(
    ledger,
    script,
    [ledgerKey.upload(upload)],
    [
      run,
      percent,
      ...(speed === undefined ? [] : ['speed', speed]),
      ...(etaSeconds === undefined ? [] : ['etaSeconds', etaSeconds]),
    ],
  );
}
