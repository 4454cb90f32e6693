/** What the first bytes of a file say it is. Neither its name nor a header counts. */
import { fileTypeFromBuffer } from 'file-type';
import type { Kind } from '../../../shared/manifest.ts';

/** How many first bytes are looked at: the sample that file-type itself takes. */
export const SNIFF_BYTES = 4100;

export interface MediaType {
  readonly contentType: string;
  readonly kind: Kind;
}

/** What is taken, by file-type's name for it, and the registered or customary name under which we keep it. */
const accepted: Record<string, MediaType> = {
  'video/mp4': { kind: 'video', contentType: 'video/mp4' },
  'video/x-m4v': { kind: 'video', contentType: 'video/mp4' },
  'video/quicktime': { kind: 'video', contentType: 'video/quicktime' },
  'video/3gpp': { kind: 'video', contentType: 'video/3gpp' },
  'video/3gpp2': { kind: 'video', contentType: 'video/3gpp2' },
  'video/matroska': { kind: 'video', contentType: 'video/matroska' },
  'video/webm': { kind: 'video', contentType: 'video/webm' },
  'video/vnd.avi': { kind: 'video', contentType: 'video/vnd.avi' },
  'video/mp2t': { kind: 'video', contentType: 'video/mp2t' },
  'video/mpeg': { kind: 'video', contentType: 'video/mpeg' },
  'video/MP1S': { kind: 'video', contentType: 'video/mpeg' },
  'video/MP2P': { kind: 'video', contentType: 'video/mpeg' },
  'video/x-flv': { kind: 'video', contentType: 'video/x-flv' },
  'video/ogg': { kind: 'video', contentType: 'video/ogg' },
  'application/ogg': { kind: 'video', contentType: 'video/ogg' },
  'audio/mpeg': { kind: 'audio', contentType: 'audio/mpeg' },
  'audio/mp4': { kind: 'audio', contentType: 'audio/mp4' },
  'audio/x-m4a': { kind: 'audio', contentType: 'audio/mp4' },
  'audio/aac': { kind: 'audio', contentType: 'audio/aac' },
  'audio/wav': { kind: 'audio', contentType: 'audio/wav' },
  'audio/flac': { kind: 'audio', contentType: 'audio/flac' },
  'audio/ogg': { kind: 'audio', contentType: 'audio/ogg' },
  'audio/ogg; codecs=opus': { kind: 'audio', contentType: 'audio/ogg' },
  'image/jpeg': { kind: 'image', contentType: 'image/jpeg' },
  'image/png': { kind: 'image', contentType: 'image/png' },
  'image/apng': { kind: 'image', contentType: 'image/png' },
  'image/webp': { kind: 'image', contentType: 'image/webp' },
  'image/gif': { kind: 'image', contentType: 'image/gif' },
  'image/avif': { kind: 'image', contentType: 'image/avif' },
};

/** Every content type under which an original may be kept. */
export const keptContentTypes = [...new Set(Object.values(accepted).map((type) => type.contentType))];

export type Sniffed =
  | ({ readonly outcome: 'accepted' } & MediaType)
  /** `found` is what it looks like instead, where it looks like anything. */
  | { readonly outcome: 'refused'; readonly found?: string };

export async function sniff(head: Uint8Array): Promise<Sniffed> {
  const found = await fileTypeFromBuffer(head);
  const media = found && accepted[isAvifByAnotherName(found.mime, head) ? 'image/avif' : found.mime];
  if (media) return { outcome: 'accepted', ...media };
  return found ? { outcome: 'refused', found: found.mime } : { outcome: 'refused' };
}

/** Its first brand may be that of any HEIF; which codec it needs, the others say (AV1 Image File Format, section 6.3). */
function isAvifByAnotherName(mime: string, head: Uint8Array): boolean {
  if (mime !== 'image/heif') return false;
  const bytes = Buffer.from(head);
  return bytes.toString('latin1', 16, bytes.readUInt32BE(0)).includes('avif');
}
