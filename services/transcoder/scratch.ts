/** The scratch space of one render: a fresh directory below WORK_DIR, gone afterwards. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../shared/config.ts';

type ScratchConfig = Pick<Config, 'workDir' | 'workerName'>;

export interface Scratch extends AsyncDisposable {
  /** Where the original goes; a name of our own, never the user's. */
  readonly source: string;
  /** Empty directory for the outputs. */
  readonly outputs: string;
}

export async function makeScratch(config: ScratchConfig, upload: string): Promise<Scratch> {
  const directory = join(root(config), upload);
  const outputs = join(directory, 'out');
  await rm(directory, { recursive: true, force: true });
  await mkdir(outputs, { recursive: true });
  return {
    source: join(directory, 'source'),
    outputs,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Removes what a killed process of this worker's name left behind. */
export async function clearScratch(config: ScratchConfig): Promise<void> {
  await rm(root(config), { recursive: true, force: true });
}

const root = ({ workDir, workerName }: ScratchConfig) => join(workDir, workerName);
