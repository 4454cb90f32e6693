/** HDR and wide colours need a filter that not every ffmpeg is built with. */
import { FileFault } from '../../../shared/errors.ts';
import { runTool } from '../../../shared/run-tool.ts';

const TIMEOUT_MS = 10_000;

/** @throws FileFault when this ffmpeg cannot turn them into the colours that the rungs hold. */
export async function requireToneMapping(signal: AbortSignal): Promise<void> {
  const filters = await runTool('ffmpeg', ['-hide_banner', '-filters'], { timeoutMs: TIMEOUT_MS, signal });
  if (!/^ \S+ zscale /m.test(filters)) {
    throw new FileFault(
      'This video has HDR or wide colours, which this server cannot convert (its ffmpeg has no zscale filter). Please export it as SDR in BT.709.',
    );
  }
}
