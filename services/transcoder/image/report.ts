/** What the image process tells the transcoder: JSON lines. It has read a hostile file, so they are checked. */
import { z } from 'zod';
import { FileFault } from '../../../shared/errors.ts';

const variant = z.object({
  name: z.string(),
  /** Never a path that leads out of the directory. */
  file: z.string().regex(/^\w+\.\w+$/),
  contentType: z.string(),
  bytes: z.int(),
  width: z.int().exactOptional(),
  height: z.int().exactOptional(),
  durationSeconds: z.number().exactOptional(),
});

/** Any number of `progress`, then one of the others. */
const report = z.discriminatedUnion('what', [
  z.object({ what: z.literal('progress'), percent: z.int() }),
  z.object({ what: z.literal('made'), variants: z.array(variant).readonly(), warning: z.string().exactOptional() }),
  z.object({ what: z.literal('fault'), reason: z.string(), toolOutput: z.string().exactOptional() }),
  z.object({ what: z.literal('error'), message: z.string(), code: z.string().exactOptional() }),
]);
export type Report = z.infer<typeof report>;

/** @throws SyntaxError or ZodError. */
export function parseReport(line: string): Report {
  return report.parse(JSON.parse(line));
}

/** A FileFault as it is; of anything else what an operator needs: the words, and the system's code (`ENOSPC`). */
export function reportOf(error: unknown): Report {
  if (error instanceof FileFault) {
    const { message, toolOutput } = error;
    return { what: 'fault', reason: message, ...(toolOutput !== undefined && { toolOutput }) };
  }
  const { message, code } = error as NodeJS.ErrnoException;
  return { what: 'error', message, ...(typeof code === 'string' && { code }) };
}
