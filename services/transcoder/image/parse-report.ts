/** Reads what the image process tells. It has read a hostile file, so it is not believed. */
import { z } from 'zod';
import type { Report } from './report.ts';

const variant = z.object({
  name: z.string(),
  /** Never a path that leads out of the directory. */
  file: z.string().regex(/^\w+\.\w+$/),
  /** Of a picture. Never a page, which a browser would run. */
  contentType: z.enum(['image/webp', 'image/jpeg', 'image/avif', 'image/png']),
  bytes: z.int(),
  width: z.int().exactOptional(),
  height: z.int().exactOptional(),
  durationSeconds: z.number().exactOptional(),
});

const positive = z.int().positive();

const movie = z.object({
  name: z.literal('full'),
  file: z.literal('full.mp4'),
  width: positive,
  height: positive,
  step: z.tuple([positive, positive]).readonly(),
  repeats: z.array(z.int().nonnegative()).readonly(),
});

const report = z.discriminatedUnion('what', [
  z.object({ what: z.literal('progress'), percent: z.int() }),
  z.object({
    what: z.literal('made'),
    variants: z.array(variant).readonly(),
    movie: movie.exactOptional(),
    placeholder: z.base64().max(100).exactOptional(),
    warning: z.string().exactOptional(),
  }),
  z.object({ what: z.literal('fault'), reason: z.string(), toolOutput: z.string().exactOptional() }),
  z.object({ what: z.literal('error'), message: z.string(), code: z.string().exactOptional() }),
]);

/** @throws SyntaxError or ZodError. */
export function parseReport(line: string): Report {
  return report.parse(JSON.parse(line));
}
