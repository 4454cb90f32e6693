/** Batches and uploads as the API shows them. What is absent is left out; times are ISO 8601 with milliseconds. */
import { z } from 'zod';
import type { BatchEntry, UploadEntry } from '../../shared/ledger/read.ts';
import { kind, type StoredVariant } from '../../shared/manifest.ts';
import { mediaPath } from '../../shared/media-path.ts';

const time = z.string().meta({ format: 'date-time' });

const variantView = z
  .object({
    name: z.string().meta({ description: '360p … 1080p, full, audio, poster, thumbnail, storyboard, subtitles' }),
    url: z.string().meta({ description: 'Absolute, or relative to this server' }),
    contentType: z.string(),
    bytes: z.int(),
    width: z.int().optional().meta({ description: 'px' }),
    height: z.int().optional().meta({ description: 'px' }),
    durationSeconds: z.number().optional(),
    bitrate: z.int().optional().meta({ description: 'Average, bit/s' }),
    language: z.string().optional().meta({ description: 'Of subtitles: BCP-47' }),
    label: z.string().optional().meta({ description: 'Of subtitles: what the file calls them' }),
  })
  .meta({ id: 'Variant' });

export const uploadView = z
  .object({
    id: z.string(),
    batch: z.string(),
    sequence: z.int().meta({ description: 'Place in the one upload order of the house; gaps are allowed' }),
    name: z.string(),
    bytes: z.int(),
    contentType: z.string().meta({ description: 'By its first bytes' }),
    kind,
    state: z.enum(['queued', 'processing', 'ready', 'failed']),
    queuedAt: time,
    startedAt: time.optional().meta({ description: 'First start' }),
    settledAt: time.optional(),
    originalExpiresAt: time.optional().meta({ description: 'The uploaded file itself is kept until then' }),
    attempts: z.int().meta({ description: 'Renders begun; kills, stops and outages do not count' }),
    reason: z.string().optional().meta({ description: 'Why it failed, or, while processing, why the last try did' }),
    waitingFor: z.string().optional().meta({ description: 'While processing: what is away and waited for' }),
    warning: z.string().optional(),
    placeholder: z.string().optional().meta({ description: 'ThumbHash in base64: painted until the picture is there' }),
    queuePosition: z.int().optional().meta({ description: 'From 1, over the whole house; only while queued' }),
    progress: z.int().meta({ description: 'Percent; 100 only when ready' }),
    speed: z.number().optional().meta({ description: 'Seconds of media rendered per second' }),
    etaSeconds: z.number().optional(),
    variants: z.array(variantView),
  })
  .meta({ id: 'Upload' });
export type UploadView = z.infer<typeof uploadView>;

const refusedFile = z.object({
  index: z.int().meta({ description: 'Place among the files of the request, from 0' }),
  name: z.string(),
  status: z.int(),
  detail: z.string(),
});
export type RefusedFile = z.infer<typeof refusedFile>;

export const batchView = z
  .object({
    id: z.string(),
    title: z.string(),
    instructor: z.string(),
    state: z.enum(['open', 'sealed', 'finished']),
    createdAt: time,
    finishedAt: time.optional(),
    notifiedAt: time.optional(),
    uploads: z.array(uploadView).meta({ description: 'Sorted by sequence' }),
    refused: z.array(refusedFile).optional().meta({ description: 'Only in the answer to the request that had them' }),
  })
  .meta({ id: 'Batch' });
export type BatchView = z.infer<typeof batchView>;

export const acceptedUploads = z.object({ uploads: z.array(uploadView), refused: z.array(refusedFile) });

export function viewBatch(batch: BatchEntry): BatchView {
  const { id, title, instructor, state, createdAt, finishedAt, notifiedAt, uploads } = batch;
  return {
    id,
    title,
    instructor,
    state,
    createdAt: iso(createdAt),
    ...(finishedAt !== undefined && { finishedAt: iso(finishedAt) }),
    ...(notifiedAt !== undefined && { notifiedAt: iso(notifiedAt) }),
    uploads: uploads.map(viewUpload),
  };
}

export function viewUpload(upload: UploadEntry): UploadView {
  const { version, original, idempotency, run, round, place, replayedAt, ...shown } = upload;
  const { queuedAt, startedAt, settledAt, originalExpiresAt, variants, ...same } = shown;
  return {
    ...same,
    queuedAt: iso(queuedAt),
    ...(startedAt !== undefined && { startedAt: iso(startedAt) }),
    ...(settledAt !== undefined && { settledAt: iso(settledAt) }),
    ...(originalExpiresAt !== undefined && { originalExpiresAt: iso(originalExpiresAt) }),
    variants: variants.map((variant) => viewVariant(upload.id, variant)),
  };
}

function viewVariant(upload: string, { key, file, ...same }: StoredVariant): z.infer<typeof variantView> {
  return { ...same, url: mediaPath(upload, file) };
}

const iso = (ms: number) => new Date(ms).toISOString();
