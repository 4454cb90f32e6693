/** What a mail says of one file. */
import type { UploadEntry } from '../../shared/ledger/read.ts';
import type { StoredVariant } from '../../shared/manifest.ts';
import { mediaPath } from '../../shared/media-path.ts';
import type { SettledFile } from './mail/compose.ts';

type Settled = Pick<UploadEntry, 'id' | 'name' | 'state' | 'variants' | 'warning' | 'reason'>;

export function settledFile(upload: Settled, publicUrl: string): SettledFile {
  const { name, variants, warning } = upload;
  if (upload.state === 'failed') return { state: 'failed', name, reason: upload.reason ?? 'No reason was given.' };
  if (upload.state !== 'ready') return { state: 'again', name };
  const url = (file: string) => publicUrl + mediaPath(upload.id, file);
  const picture = variants.find(({ name, contentType }) => contentType === 'image/jpeg' && PICTURES.includes(name));
  return {
    state: 'ready',
    name,
    links: variants.filter(isForPeople).map(({ file }) => ({ label: file, url: url(file) })),
    ...(warning !== undefined && { warning }),
    ...(picture && { thumbnail: url(picture.file) }),
  };
}

/** Not what only a page or a player has a use for. */
function isForPeople({ name, contentType }: StoredVariant): boolean {
  return !['thumbnail', 'storyboard'].includes(name) && contentType !== 'application/vnd.apple.mpegurl';
}

/** Variants that are small enough for a mail. Only as JPEG: many mail clients do not show WebP. */
const PICTURES = ['poster', '360p', 'full'];
