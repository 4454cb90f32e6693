/** Where things lie in the bucket. Keys read well in an object browser: padded sequence, slug of the file's name. */

/** Longest slug, in characters: keeps every key segment far below the 255 bytes a file system takes. */
const SLUG_LENGTH = 60;

/** Padding of sequences in keys, so that they sort as numbers up to 99,999,999 uploads. */
const SEQUENCE_DIGITS = 8;

/** Makes a key segment of any file name: letters, digits, dot, dash; never empty, never starting with a dot. */
export function slug(name: string): string {
  const ascii = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '');
  return ascii.slice(-SLUG_LENGTH).replace(/^[.-]+/, '') || 'file';
}

const padded = (sequence: number) => String(sequence).padStart(SEQUENCE_DIGITS, '0');

export const originalKey = (batch: string, upload: string, name: string) =>
  `originals/${batch}/${upload}/${slug(name)}`;

/** Everything that becomes of one upload lies below this prefix. */
export const mediaPrefix = (batch: string, sequence: number, name: string): `media/${string}` =>
  `media/${batch}/${padded(sequence)}-${slug(name.replace(/\.[^.]{1,8}$/, ''))}`;

export const manifestKey = (prefix: string) => `${prefix}/manifest.json`;

/** Outputs of one attempt; no two attempts share a prefix. */
export const variantKey = (prefix: string, attempt: string, file: string) => `${prefix}/${attempt}/${file}`;

export const recordKey = {
  batch: (batch: string) => `records/${batch}/batch.json`,
  upload: (batch: string, sequence: number, upload: string) => `records/${batch}/${padded(sequence)}-${upload}.json`,
  sealed: (batch: string) => `records/${batch}/sealed.json`,
  failed: (batch: string, upload: string) => `records/${batch}/${upload}.failed.json`,
  notified: (batch: string) => `records/${batch}/notified.json`,
};

export type ParsedRecordKey =
  | { readonly kind: 'batch' | 'sealed' | 'notified'; readonly batch: string }
  | { readonly kind: 'upload' | 'failed'; readonly batch: string; readonly upload: string };

/** undefined for what is no record's key. */
export function parseRecordKey(key: string): ParsedRecordKey | undefined {
  const [, batch = '', name = ''] = /^records\/([^/]+)\/([^/]+)\.json$/.exec(key) ?? [];
  if (name === 'batch' || name === 'sealed' || name === 'notified') return { kind: name, batch };
  const [, failed] = /^(.+)\.failed$/.exec(name) ?? [];
  if (failed !== undefined) return { kind: 'failed', batch, upload: failed };
  const [, upload] = /^\d+-(.+)$/.exec(name) ?? [];
  return upload === undefined ? undefined : { kind: 'upload', batch, upload };
}
