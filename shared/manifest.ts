/** The manifest: what an upload became. It is written last, so its presence means published. */
import { z } from 'zod';

export const kind = z.enum(['video', 'image', 'audio']);
export type Kind = z.infer<typeof kind>;

export const storedVariant = z.object({
  /** `360p` … `1080p`, `full`, `audio`, `poster`, `thumbnail`, `storyboard`, `subtitles`. Two formats of one rung, a storyboard's sheet and cues, and all subtitles share a name. */
  name: z.string(),
  /** Last segment of its public address, unique in the upload: `720p.mp4`. */
  file: z.string(),
  key: z.string(),
  contentType: z.string(),
  bytes: z.int(),
  /** Pixels as displayed. */
  width: z.int().optional(),
  height: z.int().optional(),
  durationSeconds: z.number().optional(),
  /** Average over the whole file, bit/s. */
  bitrate: z.int().optional(),
  /** Of subtitles: BCP-47. */
  language: z.string().optional(),
  /** Of subtitles: what the file calls them. */
  label: z.string().optional(),
});
export type StoredVariant = z.infer<typeof storedVariant>;

export const manifest = z.object({
  version: z.literal(1),
  upload: z.string(),
  batch: z.string(),
  sequence: z.int(),
  /** The original's name, as the instructor gave it. */
  name: z.string(),
  kind,
  /** Which attempt's outputs these are: the segment of their keys. */
  attempt: z.string(),
  warning: z.string().optional(),
  /** ThumbHash in base64, about 25 bytes: what a page paints until the picture is there. */
  placeholder: z.string().optional(),
  /** ms since 1970. */
  publishedAt: z.int().optional(),
  variants: z.array(storedVariant),
});
export type Manifest = z.infer<typeof manifest>;
