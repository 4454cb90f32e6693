/** Says every few seconds that this transcoder lives, and how much room it has to work in. */
import { mkdir, statfs } from 'node:fs/promises';
import { forgetTranscoder, reportTranscoder } from '../../shared/ledger/transcoders.ts';
import type { Booth } from './booth.ts';

const SAY_EVERY_MS = 5_000;

/** Disposing takes it off the list. */
export async function showLife({ ledger, config, log }: Booth): Promise<AsyncDisposable> {
  const { workerName: name, workDir } = config;
  const say = async () => {
    const { bavail, bsize } = await statfs(workDir);
    await reportTranscoder(ledger, { name, freeBytes: bavail * bsize });
  };
  await mkdir(workDir, { recursive: true });
  await say();
  const saying = setInterval(() => say().catch((error) => log.warn({ err: error }, 'no sign of life')), SAY_EVERY_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(saying);
      await forgetTranscoder(ledger, name);
    },
  };
}
