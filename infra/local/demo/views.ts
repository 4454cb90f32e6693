/** The part of the API's answers that the demo shows; what it does not know is dropped. */
import { z } from 'zod';

const variantView = z.object({
  name: z.string(),
  url: z.string(),
  contentType: z.string(),
  bytes: z.int(),
  width: z.int().optional(),
  height: z.int().optional(),
  durationSeconds: z.number().optional(),
});
export type VariantView = z.infer<typeof variantView>;

export const uploadView = z.object({
  id: z.string(),
  sequence: z.int(),
  name: z.string(),
  state: z.enum(['queued', 'processing', 'ready', 'failed']),
  reason: z.string().optional(),
  warning: z.string().optional(),
  queuePosition: z.int().optional(),
  progress: z.int(),
  speed: z.number().optional(),
  etaSeconds: z.number().optional(),
  variants: z.array(variantView),
});
export type UploadView = z.infer<typeof uploadView>;

export const batchView = z.object({
  id: z.string(),
  state: z.enum(['open', 'sealed', 'finished']),
  notifiedAt: z.string().optional(),
  uploads: z.array(uploadView),
});
export type BatchView = z.infer<typeof batchView>;

export const problemView = z.object({ detail: z.string() });
